"""Rules of the school roll (学籍管理): plan 二(2), and the stage table and limits that are published as data."""

from domain.roll import pupils, schools, teachers, transfers

RULES = (*schools.RULES, *pupils.RULES, *transfers.RULES, *teachers.RULES)

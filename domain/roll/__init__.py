"""Rules of the school roll (学籍管理): plan 二(2); the stage table and the time limits are published data."""

from domain.roll import published, pupils, requests, schools, stages, teachers, transfers

RULES = (
    *published.RULES,
    *schools.RULES,
    *pupils.RULES,
    *stages.RULES,
    *transfers.RULES,
    *requests.RULES,
    *teachers.RULES,
)

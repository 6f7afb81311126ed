"""The school roll (学籍) and the three core databases: students, teachers, schools (plan, 二(2))."""

from events.roll import published, pupils, schools, teachers, transfers

EVENTS = (*published.EVENTS, *schools.EVENTS, *pupils.EVENTS, *transfers.EVENTS, *teachers.EVENTS)

"""The three core databases (三大核心数据库), and read models derived from the roll (plan, 二(2))."""

from projections.roll import counts, published, pupils, schools, teachers, transfers

READ_MODELS = (
    *schools.READ_MODELS,
    *pupils.READ_MODELS,
    *teachers.READ_MODELS,
    *transfers.READ_MODELS,
    *counts.READ_MODELS,
    *published.READ_MODELS,
)

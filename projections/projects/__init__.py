"""IT projects (plan, 三(1)): files, the public atlas (项目图谱) and register, money, and systems."""

from projections.projects import atlas, file, money, register, systems

READ_MODELS = (
    *file.READ_MODELS,
    *atlas.READ_MODELS,
    *register.READ_MODELS,
    *money.READ_MODELS,
    *systems.READ_MODELS,
)

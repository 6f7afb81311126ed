"""The atlas of IT projects (项目图谱) and what governs them: registers, money, systems (plan, 三(1))."""

from projections.projects import atlas, file, money, register, systems

READ_MODELS = (
    *file.READ_MODELS,
    *atlas.READ_MODELS,
    *register.READ_MODELS,
    *money.READ_MODELS,
    *systems.READ_MODELS,
)

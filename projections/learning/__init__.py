"""Read models of lifelong learning and the credit bank (plan, 六(1))."""

from projections.learning import archive, certificates, courses, credit, learners, published

READ_MODELS = (
    *learners.READ_MODELS,
    *courses.READ_MODELS,
    *archive.READ_MODELS,
    *credit.READ_MODELS,
    *certificates.READ_MODELS,
    *published.READ_MODELS,
)

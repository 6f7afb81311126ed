"""Rules of IT projects (项目治理): stages in order, money within the approved budget (plan, 三(1))."""

from domain.projects import approval, contracts, delivery, published, systems

RULES = (*published.RULES, *approval.RULES, *contracts.RULES, *delivery.RULES, *systems.RULES)

"""The atlas of IT projects (项目图谱): from filing to acceptance, and the systems that they build (plan, 三(1))."""

from events.projects import approval, contracts, delivery, published, systems

EVENTS = (*published.EVENTS, *approval.EVENTS, *contracts.EVENTS, *delivery.EVENTS, *systems.EVENTS)

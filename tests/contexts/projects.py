"""An IT project from filing to the retirement of its system, event by event, for tests to vary."""

from msgspec.structs import replace

from events.projects.approval import (
    NonClassificationConfirmed,
    ObjectionAnswered,
    ObjectionRaised,
    ProjectApproved,
    ProjectFiled,
    ProjectPosted,
    ProjectResubmitted,
    ProjectReturned,
    ProjectReviewed,
)
from events.projects.contracts import ContractAmended, ContractAwarded, SpendingReported
from events.projects.delivery import (
    MilestoneReached,
    ProjectAccepted,
    ProjectChanged,
    ProjectEvaluated,
    ProjectLinked,
    ProjectTerminated,
    ProjectUnlinked,
)
from events.projects.published import ProjectRulesPublished
from events.projects.systems import SystemRetired, UsageReported
from streams.scenario import at

RULES = ProjectRulesPublished(
    since="2000-01-01",
    notice_working_days=5,
    trial_days=90,
    budget_tolerance=1000,
    delay_tolerance_days=30,
    occurred_at=at("2000-01-01"),
)
FILED = ProjectFiled(
    project="p",
    unit="u",
    system="s",
    name="学籍系统",
    kind="build",
    tier="municipality",
    field="管理",
    techniques=["云计算", "大数据"],
    content="建设学籍系统",
    budget=1_000_000,
    completion="2024-12-31",
    declared_unclassified=True,
    network_detail="10.0.0.0/8",
    security_detail="防火墙",
    occurred_at=at("2024-01-02"),
)
CONFIRMED = NonClassificationConfirmed(project="p", by="secrecy-office", occurred_at=at("2024-01-03"))
POSTED = ProjectPosted(
    project="p",
    until="2024-01-12",
    unit="u",
    system="s",
    name="学籍系统",
    kind="build",
    field="管理",
    techniques=["云计算", "大数据"],
    content="建设学籍系统",
    budget=1_000_000,
    completion="2024-12-31",
    occurred_at=at("2024-01-04"),
)
OBJECTED = ObjectionRaised(
    objection="o", project="p", unit="rival", unit_grounds="重复建设", occurred_at=at("2024-01-05")
)
ANSWERED = ObjectionAnswered(
    objection="o", project="p", upheld=False, answer="不重复", occurred_at=at("2024-01-08")
)
UPHELD = replace(ANSWERED, upheld=True)
RETURNED = ProjectReturned(project="p", reason="请补充材料", occurred_at=at("2024-01-13"))
RESUBMITTED = ProjectResubmitted(project="p", occurred_at=at("2024-01-20"))
PROPOSAL_PASSED = ProjectReviewed(
    project="p", subject="proposal", passed=True, opinion="同意", occurred_at=at("2024-01-09")
)
APPROVED = ProjectApproved(project="p", budget=900_000, occurred_at=at("2024-01-15"))
CHANGED = ProjectChanged(
    project="p", reason="价格下降", returns_to_approval=False, budget=850_000, occurred_at=at("2024-03-01")
)
RECAST = ProjectChanged(
    project="p",
    reason="技术路线调整",
    returns_to_approval=True,
    content="建设学籍与教师系统",
    added_techniques=["区块链"],
    dropped_techniques=["大数据"],
    occurred_at=at("2024-03-01"),
)
LINKED = ProjectLinked(project="p", datasets=["roll"], sites=["www"], occurred_at=at("2024-03-02"))
UNLINKED = ProjectUnlinked(project="p", sites=["www"], occurred_at=at("2024-03-03"))
AWARDED = ContractAwarded(
    contract="c",
    project="p",
    supplier="v",
    supplier_name="浦江软件",
    procedure="open-tender",
    amount=800_000,
    subject="软件开发",
    occurred_at=at("2024-02-01"),
)
AMENDED = ContractAmended(
    contract="c",
    project="p",
    supplier="v",
    from_amount=800_000,
    to_amount=700_000,
    reason="减少模块",
    occurred_at=at("2024-02-20"),
)
SPENT = SpendingReported(
    contract="c", project="p", supplier="v", system="s", amount=300_000, occurred_at=at("2024-02-10")
)
STARTED = MilestoneReached(project="p", milestone="started", occurred_at=at("2024-02-02"))
FIRST_ACCEPTED = MilestoneReached(project="p", milestone="first-acceptance", occurred_at=at("2024-05-01"))
ON_TRIAL = MilestoneReached(project="p", milestone="trial-run", occurred_at=at("2024-05-02"))
RESULT_PASSED = ProjectReviewed(
    project="p", subject="result", passed=True, opinion="通过", occurred_at=at("2024-07-30")
)
ACCEPTED = ProjectAccepted(
    project="p", system="s", suppliers=["v"], opinion="同意终验", occurred_at=at("2024-08-01")
)
OPERATING = MilestoneReached(project="p", milestone="operation", occurred_at=at("2024-08-02"))
EVALUATED = ProjectEvaluated(
    project="p", suppliers=["v"], score=88, opinion="良好", occurred_at=at("2025-03-01")
)
TERMINATED = ProjectTerminated(
    project="p",
    system="s",
    suppliers=["v"],
    reason="breach-of-contract",
    explanation="供应商违约",
    occurred_at=at("2024-06-01"),
)
USED = UsageReported(system="s", month="2024-08", users=100, visits=2_000, occurred_at=at("2024-09-01"))
RETIRED = SystemRetired(system="s", reason="由新系统替代", successor="s2", occurred_at=at("2026-01-01"))

TO_NOTICE = (RULES, FILED, CONFIRMED, POSTED)
TO_APPROVAL = (*TO_NOTICE, PROPOSAL_PASSED, OBJECTED, ANSWERED, APPROVED)
TO_CONTRACT = (*TO_APPROVAL, AWARDED)
TO_TRIAL = (*TO_CONTRACT, STARTED, FIRST_ACCEPTED, ON_TRIAL)
TO_ACCEPTANCE = (*TO_TRIAL, RESULT_PASSED, ACCEPTED)

AS_RECAST = replace(
    POSTED,
    content="建设学籍与教师系统",
    techniques=["云计算", "区块链"],
    until="2024-03-31",
    occurred_at=at("2024-03-10"),
)

# The second system, which succeeds the first.
SUCCESSOR = (
    replace(FILED, project="p2", system="s2", completion="2025-12-31", occurred_at=at("2025-01-02")),
    replace(CONFIRMED, project="p2", occurred_at=at("2025-01-03")),
    replace(
        POSTED,
        project="p2",
        system="s2",
        until="2025-02-01",
        completion="2025-12-31",
        occurred_at=at("2025-01-04"),
    ),
    replace(APPROVED, project="p2", occurred_at=at("2025-02-02")),
    replace(AWARDED, project="p2", contract="c2", occurred_at=at("2025-02-03")),
    replace(STARTED, project="p2", occurred_at=at("2025-02-04")),
    replace(FIRST_ACCEPTED, project="p2", occurred_at=at("2025-05-01")),
    replace(ON_TRIAL, project="p2", occurred_at=at("2025-05-02")),
    replace(RESULT_PASSED, project="p2", occurred_at=at("2025-09-01")),
    replace(ACCEPTED, project="p2", system="s2", occurred_at=at("2025-09-02")),
)

"""What people write: explanations of findings, remarks of reviewers, notes of decisions. Chinese, as in the bureaus."""

from __future__ import annotations

from dataclasses import dataclass

from demo.generator.chance import Chance

_EXPLANATIONS = {
    "K002": ("住所由外县迁入，执照号码沿用旧区划，已办理变更登记。",),
    "K016": ("报告期末人员调整，授权签字人正在申请备案。",),
    "K031": ("移动检测车不计入固定场所面积，故两项略有差异。",),
    "K049": ("下半年外聘兼职人员较多，按工时计酬，人均薪酬偏低。", "多名技术人员年中入职，全年薪酬只含半年。"),
    "K050": ("机构成立不久，业务尚在开拓，收入较少。", "主要承担委托方自有项目，人员按项目计酬，人均收入偏低。"),
    "K078": ("以大型工程的整体检测项目为主，单份报告金额较高。", "委托以批量简易检测为主，单价低、份数多。"),
    "K081": ("检测场地含车辆停放和通道，人均面积较大。", "以现场检测为主，室内场地较小。"),
    "K100": (
        "年内新签两项大型工程检测合同，收入和报告数随之增加。",
        "主要客户搬迁，委托减少，全年业务量下降。",
        "第二检测点投入使用，场地和设备相应增加。",
        "与某集团的三年期服务合同到期未续签，业务量减少。",
    ),
    "K101": ("财务软件年中升级，导出口径变化所致，财务已与报表逐项核对。",),
    "K102": ("业务规模稳定，人员和设备与上年一致，财务数据取自同一套报表。",),
    "K114": ("部分报告于次年一月补传编号，年度数按出具日期统计。",),
}
_ANY = ("年内业务结构调整，原始台账和合同可供查验。", "与财务报表和业务台账核对过，差异来自统计口径变化。")


def explanation(check: str, chance: Chance) -> str:
    return chance.choice(_EXPLANATIONS.get(check, _ANY))


@dataclass(frozen=True, slots=True)
class RemarkText:
    """`reason` is a coded reason of remarks; a blank indicator means the table or the whole filing."""

    table: str
    indicator: str
    reason: str
    text: str


_REMARKS = (
    RemarkText(
        "JC05",
        "W211",
        "balance",
        "仪器设备原值与财务表的固定资产原价差距较大，请核对设备台账，确认是否漏计或误用元为单位。",
    ),
    RemarkText("JC01", "A331", "other", "技术人员数少于资质认定附表所列授权签字人和检测员，请按期末在册人员重新填报。"),
    RemarkText("JC05", "W301", "change", "报告总数比上年变化较大，请说明原因；如含内部委托报告请剔除。"),
    RemarkText("JC01-2", "", "missing", "资质认定附表另有一处场所，场所表未列，请补齐。"),
    RemarkText("JC05-1", "", "other", "领域划分与证书能力附表不一致，水质检测请单列。"),
    RemarkText("JC01", "A301", "change", "期末从业人员与社保参保人数不一致，请核对后填报。"),
    RemarkText("JC05", "W311", "register", "加盖资质认定标志的报告数与季度报送的编号数不一致，请核对。"),
)
_UNIT = {
    "JC02": RemarkText(
        "JC02", "E201", "unit", "营业收入是上年的一千倍，应以千元为单位，疑似按元填报。请改正本表全部金额。"
    ),
    "JC03": RemarkText(
        "JC03", "S201", "unit", "收入合计是上年的一千倍，应以千元为单位，疑似按元填报。请改正本表全部金额。"
    ),
    "JC04": RemarkText(
        "JC04", "G201", "unit", "收入合计是上年的一千倍，应以千元为单位，疑似按元填报。请改正本表全部金额。"
    ),
}
_EXPLAINED = RemarkText("", "", "explanation", "各项数据与上年完全相同，说明过于笼统。请按本年台账重新填报。")


def remarks(*, table: str, unit: bool, copied: bool, chance: Chance) -> list[RemarkText]:
    """One to three remarks. `table` is the finance table; a slip of unit or a copied filing is called by its name."""
    if unit:
        return [_UNIT[table]]
    if copied:
        return [_EXPLAINED]
    return chance.sample(_REMARKS, chance.pick({1: 55, 2: 33, 3: 12}))


RETURN_NOTES = (
    "请按批注逐项核对、改正后重新报送。",
    "数据有疑问，请核对后尽快重报。",
    "请于三个工作日内改正并重新报送。",
)
PASS_NOTES = ("", "", "", "", "数据齐全，勾稽关系一致。", "已电话核实，同意。")
EXCUSE_NOTES = (
    "证书已注销并停止检验检测活动，本年免报。",
    "由国家级资质认定部门另行审核，本省不重复填报。",
    "全年停业，经核实免报。",
)


def answer(remark: RemarkText, chance: Chance) -> tuple[str, str]:
    """(resolution, words) of an institution that has dealt with the remark."""
    if chance.yes(0.6):
        return "fixed", ""
    return "explained", {
        "change": "年内承接两个专项检测任务，报告数随之增加，合同和台账可供查验。",
        "register": "个别编号为作废后重出，季度已按规定更正，年度数按有效报告统计。",
    }.get(remark.reason, "与设备台账和财务明细账逐项核对，现填数据按期末在册口径统计。")

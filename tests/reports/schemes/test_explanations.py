import pytest

from reports.schemes.explanations import refuse_poor_explanation, same_words


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u3000",
        "无",
        "1",
        "正常",
        "属实",
        "情况属实",
        "数据属实，情况正常。",
        "经核实，数据无误",
        "ok",
        "OK!",
        "是",
        "同上",
        "经确认以上数据均属实",
        "……",
        "。。。。。。。。",
        "哈哈哈哈哈哈哈哈",
        "扩建扩建扩建扩建",
        "123456789",
        "新增",
        "人员减少",
        "aaaaaaaaaaaaaaaa",
        "confirmed",
        "正常变动正常波动",
        "啊" * 1001,
    ],
)
def test_words_that_explain_nothing_are_refused(text: str) -> None:
    assert refuse_poor_explanation(text)


@pytest.mark.parametrize(
    "text",
    [
        "2023年7月新增仓山实验室，人员随之增加",
        "承接省级监督抽查任务，报告数增加一倍",
        "主要客户合同到期未续签",
        "Opened a second site in July",
        "经核实属实，因疫情后业务恢复",
    ],
)
def test_a_reason_is_accepted(text: str) -> None:
    assert refuse_poor_explanation(text) is None


ZH = "平均从业人员（A305）40人与期末从业人员（A301）25人相差60%，超过50%。请核对；如属实，请说明人员变动的原因。"
EN = "Average persons (A305) 40 and persons at year end (A301) 25 differ by 60%, more than 50%. Check; if right, say why."


@pytest.mark.parametrize(
    "text",
    [
        ZH,
        EN,
        "平均从业人员与期末从业人员相差超过，请核对；如属实，请说明人员变动的原因",
        "平均从业人员（A305）41人与期末从业人员（A301）26人相差58%",
        "平均从业人员40人与期末从业人员25人相差60%，超过50%，情况属实，已核实",
        "Average persons 40 and persons at year end 25 differ by 60%",
        "AVERAGE PERSONS AND PERSONS AT YEAR END DIFFER BY MORE THAN, confirmed",
    ],
)
def test_a_copy_of_what_the_check_says_is_refused(text: str) -> None:
    """In either language, with its figures, with other figures or without any."""
    assert refuse_poor_explanation(text) is None
    assert refuse_poor_explanation(text, (ZH, EN))


@pytest.mark.parametrize(
    "text",
    [
        "平均从业人员与期末从业人员相差60%，因11月关闭马尾分场所，15人离职",
        "Average persons and persons at year end differ because the branch in Mawei closed in November",
        "年底关闭马尾分场所，人员变动较大",
    ],
)
def test_a_reason_in_the_words_of_the_check_is_accepted(text: str) -> None:
    assert refuse_poor_explanation(text, (ZH, EN)) is None


def test_the_same_words_are_the_same_whatever_their_punctuation() -> None:
    assert same_words("因并入子公司， 人员增加。", "因并入子公司,人员增加")
    assert not same_words("因并入子公司，人员增加。", "因并入子公司，人员减少。")
    assert not same_words("", "")

import pytest

from reports.schemes.explanations import refuse_poor_explanation


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

"""The frame that an agent puts around what a customer said: who called, and what is to be done."""

from __future__ import annotations

from typing import NamedTuple


class Frame(NamedTuple):
    """A kind of boilerplate.

    Parameters
    ----------
    needs : tuple of str
        Sets of characters, one of each of which every match holds.
    pattern : str
        A regular expression.
    """

    needs: tuple[str, ...]
    pattern: str


_START = r"(?:^|(?<=[。；;】\]\s]))"
_WHO = "(?:客户|用户|来电人|来信人|持卡人|投诉人|消费者|市民|群众|当事人|先生|女士)"
# A name is a surname with a title or a mask; 客户经理反映 is a customer's own sentence.
_NAME = r"(?:[\u4e00-\u9fff][*＊某×]{1,2}|[\u4e00-\u9fff]{1,2}(?:先生|女士|小姐)|先生|女士|小姐)"
_NOTE = r"(?:[(（][^()（）\n]{0,24}[)）])"
_WHEN = r"(?:于?[0-9][0-9年月日号时点分:：./ \-]{1,20})"
_CALL = (
    "(?:再次|多次|又)?(?:来电|来函|来信|来访|致电|进线|在线)(?:我行|我部|客服中心|客服热线|客服)?"
)
_SAY = "(?:(?:咨询并)?(?:反映|反应|投诉|咨询|表示|称|诉)|要求)(?:称|到)?"
_OFFICE = "(?:贵行|贵部门|贵单位|相关部门|有关部门|经办行|网点|分行|支行|业务部门)"
_SOON = "(?:尽快|尽早|及时|予以|协助|依规|依法依规|依法|书面|(?:于|在)?[0-9一二三五七十两]{1,2}个?(?:工作日|日|天|小时)内)"
_DO = "(?:核实|核查|调查|查实|跟进|处理|办理|处置|联系客户|联系|回复客户|回复|答复|反馈|解释|报送结果)(?:情况|结果|客户)?"

FRAMES: tuple[Frame, ...] = (
    Frame(("号",), r"(?:工单|受理|流水|案件)(?:编?号)[:：]?\s*[A-Za-z0-9*\-]{4,}[，,。;；]?"),
    Frame(("【", "】"), r"【[^【】\n]{0,12}(?:工单|来电|渠道|受理|热线|投诉|转办|反映)[^【】\n]{0,12}】"),
    Frame(("：:", "容由述件"), rf"{_START}(?:(?:工单|投诉|反映|来电|诉求|案件)(?:内容|事由|描述)|信访件)[：:]"),
    Frame(("电函信访线", "来致进在"),
          rf"{_START}{_WHO}?{_NAME}?{_NOTE}?{_WHEN}?{_CALL}(?:[，,]?{_SAY}[，,：:]?|[，,：:])"),
    Frame(("户人者民众生士", "映应诉示称", "，,：:"), rf"{_START}{_WHO}{_NAME}?{_NOTE}?{_WHEN}?{_SAY}[，,：:]"),
    Frame(("户众民者人", "映示称"),
          rf"{_START}(?:客户|群众|市民|消费者|投诉人|来电人)(?:表示|反映|称)(?!问题|情况|的|后|过)"),
    Frame(("请望", "实查进理系复馈置释送"),
          rf"(?:现|特)?(?:烦请|敬请|恳请|请|望){_OFFICE}?{_SOON}*{_DO}"
          rf"(?:[，,]?(?:并|及|与|后)?{_SOON}*{_DO})*(?:[，,]?谢谢)?[。.!！]*(?:$|(?=\s))"),
    Frame(("特",), r"(?:特此)(?:反映|投诉|登记)[。.!！]*(?:$|(?=\s))"),
)  # fmt: skip

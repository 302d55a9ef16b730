"""What the orders of the demo say: one of its own for each replay of a worked case, so that lists look as they do in truth.

Category and kind of a worked case stay the same through all of its orders: figures and offers rest on them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """One order of the sub-center: what it is about, where, in whose words."""

    title: str
    content: str
    caller: str
    location: str | None = None


CATEGORIES: Mapping[str, str] = {
    "S01": "证书证明",
    "S02": "设施设备",
    "S03": "人事劳资",
    "S04": "安全保卫",
    "S08": "其他",
}

ORDERS: Mapping[str, Sequence[Order]] = {
    "S01": (
        Order(
            "咨询结业证明补打流程",
            "2019 年参加校长任职资格培训，结业证明遗失，询问怎样补打、要带什么材料。",
            "周先生",
            "培训楼一层服务窗口",
        ),
        Order(
            "询问学时证明能否线上开具",
            "单位评职称要学时证明，人在外地，询问能否线上申请、多久寄到。",
            "吴老师",
        ),
        Order("咨询证书姓名有误怎样更正", "培训证书上姓名写错一个字，询问更正要交什么材料。", "郝老师"),
        Order(
            "询问往届学员档案查询时间",
            "想查 2015 年培训档案，询问哪天开放、要不要预约。",
            "金女士",
            "档案查询窗口",
        ),
    ),
    "S02": (
        Order(
            "302 培训教室空调长期无法使用",
            "302 教室空调坏了快一个月，开机就跳闸，已向楼管报过两次，没有人来修。",
            "王老师",
            "北校区培训楼 302 教室",
        ),
        Order(
            "学员宿舍五层热水时有时无",
            "宿舍五层晚上九点以后经常没有热水，一周来有四天这样，希望尽快修好。",
            "赵女士",
            "学员公寓 2 号楼五层",
        ),
        Order(
            "培训楼西侧电梯频繁停运",
            "西侧电梯一个月停了六次，有年纪大的学员要爬到七层，希望说明什么时候能彻底修好。",
            "孙先生",
            "北校区培训楼西侧",
        ),
        Order(
            "302 培训教室空调修后又不能用",
            "上次修过以后好了三天又跳闸，这周还有晚课，希望一次修好，并说明是不是要换机器。",
            "李女士",
            "北校区培训楼 302 教室",
        ),
        Order(
            "停车场北区夜间路灯不亮",
            "停车场北区一排路灯不亮有十来天了，晚上走路看不清，已经有人绊倒。",
            "马先生",
            "东院停车场北区",
        ),
    ),
    "S03": (
        Order(
            "反映外聘教师课酬未按约定发放",
            "上学期外聘授课 36 课时，课酬只发了一半，问过两次没有结果，已申请劳动仲裁。",
            "冯老师",
        ),
        Order(
            "反映离职后补偿金一直未结清",
            "合同到期离职三个月，补偿金一直没有结清，已向仲裁委提交申请。",
            "丁女士",
        ),
        Order(
            "反映食堂临时工加班费计算有误",
            "节假日加班按平时的标准算，认为少发了钱，已申请劳动仲裁。",
            "邢师傅",
        ),
    ),
    "S04": (
        Order(
            "3 号楼地下配电箱冒烟，有人滞留",
            "东院 3 号楼地下一层配电箱冒烟，楼道里还有人没有出来。",
            "何女士",
            "东院 3 号楼地下一层",
        ),
        Order(
            "实训楼二层闻到烧焦味，有人在里面",
            "实训楼二层走廊有烧焦味，配电间门缝冒烟，教室里还有学员。",
            "段老师",
            "实训楼二层",
        ),
        Order(
            "学员公寓水管爆裂漏进配电间",
            "公寓一层水管爆裂，水已经漫到配电间门口，楼上还有人住。",
            "楼管刘师傅",
            "学员公寓 1 号楼一层",
        ),
    ),
    "S08": (
        Order("要求学院给孩子保送名额", "认为自己多年参加培训有贡献，要求学院给孩子一个保送名额。", "田先生"),
        Order("要求为未参加的培训补发证书", "没有参加培训，要求按参加处理，发一张结业证书。", "崔先生"),
    ),
}


def order_of(case: str, turn: int) -> Order:
    """What the order says when a worked case is replayed for the so-many-th time, counted from 0."""
    return ORDERS[case][turn]

package kfsim

import (
	"fmt"
	"strings"
)

// departmentOrder is where WeCom begins to number the order of departments. A higher one sorts first.
const departmentOrder = 100_000_000

// demoDepartments is the tree of the demo company. The app's visible range is three of its branches: neither the root nor the
// accountants, so the topmost departments it sees have a parent it does not see.
var demoDepartments = []department{
	{ID: 1, Name: "云杉家居", NameEN: "Spruce Home", Hidden: true, Order: departmentOrder},
	{ID: 2, Parent: 1, Name: "客户服务中心", NameEN: "Customer Service", Order: departmentOrder, Leader: []string{"SongMuqing"}},
	{ID: 3, Parent: 1, Name: "销售运营部", NameEN: "Sales", Order: departmentOrder - 1000, Leader: []string{"yi.anwen"}},
	{ID: 4, Parent: 1, Name: "交付与安装部", NameEN: "Delivery", Order: departmentOrder - 2000},
	{ID: 5, Parent: 2, Name: "售前咨询组", Order: departmentOrder},
	{ID: 6, Parent: 2, Name: "售后服务组", Order: departmentOrder - 1000},
	{ID: 7, Parent: 2, Name: "会员与投诉组", Order: departmentOrder - 2000},
	{ID: 8, Parent: 4, Name: "仓配物流组", Order: departmentOrder},
	{ID: 9, Parent: 1, Name: "财务部", Hidden: true, Order: departmentOrder - 3000},
}

// demoPeople is the staff, a line each: userid, name, departments (the first is the main one), position, gender, status. The
// names are trees, furniture and tools; nobody is called that.
const demoPeople = `
SongMuqing     松沐青 2     客服中心主管 2 1
li.na          栗小娜 2,5   客服班长   2 1
wang_wei       望小苇 2     客服班长   1 1
bai.zhixia     柏知夏 5     售前顾问   2 1
YuWanqing      榆晚晴 5     售前顾问   2 1
tan_yinuo      檀一诺 5     售前顾问   1 1
hua-xinghe     桦星河 5     售前顾问   1 1
feng.xiaoman   枫小满 5     售前顾问   2 1
NanXingzhou    楠行舟 5     售前顾问   1 1
you_tiantian   柚恬恬 5     售前顾问   2 1
ju.anran       榉安然 5     售前顾问   2 1
XiangYunqi     橡云起 5     售前顾问   1 1
zhang.qinghe   樟青禾 5     售前顾问   1 4
huai_xuqiu     槐序秋 5     售前顾问   2 1
TongHuayu      桐花雨 5     售前顾问   2 1
ye.xiaofeng    椰小风 5     售前顾问   1 2
zhu@yunshan    竹影清 5     实习顾问   2 4
gui.xiaoyuan   桂小圆 6     售后专员   2 1
QiuMingyuan    楸明远 6     售后专员   1 1
wu_xiaotong    梧小桐 6     售后专员   2 1
lian.chuqing   楝初晴 6     售后专员   2 1
rong.shuan     榕树安 6     售后专员   1 1
ying_xiaoxue   樱小雪 6     售后专员   2 1
ZaoMancang     枣满仓 6     售后专员   1 1
xing.linchun   杏林春 6,7   售后专员   2 1
li.bailu       梨白露 6     售后专员   2 1
SangQingqing   桑青青 6     售后专员   2 1
chun-changle   椿长乐 6     售后专员   1 1
chu.zhibai     楮知白 6     售后专员   1 4
zong_xiaochao  棕小巢 6     售后专员   1 1
TaoZhiyao      桃之夭 6     售后专员   2 2
ping.xiaoguo   苹小果 7     会员专员   2 1
ChengCC        橙澄澄 7     会员专员   2 1
ning_qinghuan  柠清欢 7     会员专员   1 1
zhen.guoren    榛果仁 7     投诉专员   1 1
pipa.huang     枇杷黄 7     投诉专员   2 1
JinRuyi        槿如意 7     投诉专员   2 1
zhi_wanfeng    栀晚风 7     会员专员   2 1
he-yetian      荷叶田 7     会员专员   1 4
yi.anwen       椅安稳 3     销售经理   1 1
ZhuoFangyuan   桌方圆 3     门店顾问   1 1
gui_mantang    柜满堂 3     门店顾问   2 1
ta.qingxian    榻清闲 3     大客户经理 2 1
PingShanyuan   屏山远 3     软装设计师 1 1
ji.mingjing    几明净 3     软装设计师 2 1
deng007        凳小凳 3     门店顾问   1 1
jia_shangshu   架上书 3     渠道经理   1 1
jing-zhonghua  镜中花 3     门店顾问   2 2
YS1001         钉铛响 4     安装师傅   1 1
YS1002         锤小铁 4     安装师傅   1 1
YS1003         锯末飞 4     安装师傅   1 1
YS1004         刨花卷 4     安装师傅   1 4
sun.maosheng   榫卯生 4,8   安装调度   1 1
ZaoGuangming   凿光明 4     安装师傅   1 1
xiang.youyu    箱有余 8     仓配专员   1 1
lun_zhuanzhuan 轮转转 8     物流客服   2 1
FanYuanhang    帆远航 8     物流客服   1 1
yi.kuaima      驿快马 8     物流客服   1 1
cang.linshi    仓廪实 8     仓库管理员 1 4
bao-xiaoyou    包小邮 8     物流客服   2 2
suan.panzhu    算盘珠 9     会计       2 1
ZhangQingchu   账清楚 9     会计       1 1
`

// Parts of the names in the large world.
var (
	largeSurnames = []string{
		"松", "柏", "榆", "檀", "桦", "枫", "楠", "柚", "榉", "橡", "樟", "槐", "桐", "椰", "竹", "桂", "楸", "梧", "楝", "榕",
	}
	largeGivenNames = []string{
		"小满", "知夏", "晚晴", "一诺", "星河", "行舟", "恬恬", "安然", "云起", "青禾", "序秋", "花雨", "小风", "影清", "小圆",
		"明远", "初晴", "树安", "小雪", "满仓", "林春", "白露", "青青", "长乐", "知白", "小巢", "如意", "晚风", "方圆", "清闲",
	}
	largeDesks = []string{
		"售前咨询", "订单付款", "物流查询", "上门安装", "售后维修", "退换货", "全屋定制", "会员积分", "门店预约", "软装搭配",
	}
	largeCities = []string{
		"北京", "上海", "广州", "深圳", "杭州", "南京", "苏州", "成都", "重庆", "武汉", "西安", "长沙", "郑州", "青岛", "济南", "天津", "沈阳",
		"大连", "哈尔滨", "长春", "福州", "厦门", "泉州", "宁波", "温州", "合肥", "南昌", "昆明", "贵阳", "南宁", "海口", "石家庄", "太原", "兰州",
		"西宁", "银川", "无锡", "常州", "徐州", "佛山", "东莞", "珠海", "中山", "惠州", "洛阳", "烟台", "潍坊", "绵阳", "桂林", "三亚",
	}
)

func (w *world) seedDepartments(list []department) {
	for _, d := range list {
		w.Departments = append(w.Departments, &d)
	}
}

// seedPeople reads a table like demoPeople.
func (w *world) seedPeople(table string) {
	for line := range strings.Lines(strings.TrimSpace(table)) {
		var p person
		var departments string
		// A line that does not fit leaves its person without a status, which the test of the seed reports.
		_, _ = fmt.Sscan(line, &p.UserID, &p.Name, &departments, &p.Position, &p.Gender, &p.Status)
		for part := range strings.SplitSeq(departments, ",") {
			var id int64
			_, _ = fmt.Sscan(part, &id)
			p.Departments = append(p.Departments, id)
		}
		w.People = append(w.People, &p)
	}
}

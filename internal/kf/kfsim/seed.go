package kfsim

import (
	"fmt"
	"strconv"
)

// Seed names a world to start with.
type Seed int

// The worlds.
const (
	SeedEmpty Seed = iota // one department, no people, no accounts
	SeedDemo              // 12 accounts, 8 of them managed by API; 60 people the app can see and 2 it cannot
	SeedLarge             // 5 000 accounts, 20 000 servicer rows, 600 people
)

// String returns empty, demo or large.
func (s Seed) String() string {
	switch s {
	case SeedEmpty:
		return "empty"
	case SeedDemo:
		return "demo"
	case SeedLarge:
		return "large"
	}
	return "Seed(" + strconv.Itoa(int(s)) + ")"
}

// ParseSeed reads what String writes.
func ParseSeed(name string) (Seed, error) {
	for _, s := range []Seed{SeedEmpty, SeedDemo, SeedLarge} {
		if s.String() == name {
			return s, nil
		}
	}
	return 0, fmt.Errorf("seed %q: one of empty, demo, large", name)
}

// newWorld builds the world of a seed, the same one each time.
func newWorld(s Seed) *world {
	w := &world{}
	switch s {
	case SeedDemo:
		w.seedDemo()
	case SeedLarge:
		w.seedLarge()
	default:
		w.Departments = []*department{{ID: 1, Name: "云杉家居", Order: departmentOrder}}
	}
	w.index()
	return w
}

// seedAccount appends an account whose id and picture follow from its position.
func (w *world) seedAccount(name string, managed bool, rows ...*servicer) {
	number := len(w.Accounts)
	w.Accounts = append(w.Accounts, &account{
		ID:   madeID("wk", 30, "seed", strconv.Itoa(number)),
		Name: name, Picture: drawnPicture(number), Managed: managed, Servicers: rows,
	})
}

func on(userID string) *servicer         { return &servicer{UserID: userID} }
func off(userID string) *servicer        { return &servicer{UserID: userID, Status: stopped} }
func pausing(userID string) *servicer    { return &servicer{UserID: userID, Status: stopped, StopType: 1} }
func wholeDepartment(id int64) *servicer { return &servicer{Department: id} }

// seedDemo is the made-up furniture company 云杉家居.
func (w *world) seedDemo() {
	w.seedDepartments(demoDepartments)
	w.seedPeople(demoPeople)
	w.Upgrade = upgradeRange{
		Members: []string{"li.na", "ta.qingxian", "suan.panzhu"}, Departments: []int64{7, 9},
		Groups: []string{madeID("wr", 30, "seed", "0"), madeID("wr", 30, "seed", "1")},
	}
	w.seedAccount("售前咨询台", true, on("li.na"), on("bai.zhixia"), on("YuWanqing"), off("tan_yinuo"), pausing("hua-xinghe"), wholeDepartment(5))
	w.seedAccount("订单与付款", true, on("wang_wei"), on("feng.xiaoman"), pausing("NanXingzhou"), off("you_tiantian"))
	w.seedAccount("物流进度查询", true, on("xiang.youyu"), on("lun_zhuanzhuan"), off("FanYuanhang"), wholeDepartment(8))
	w.seedAccount("上门安装预约", true, on("YS1001"), on("YS1002"), pausing("sun.maosheng"), wholeDepartment(6))
	w.seedAccount("售后维修中心", true, on("gui.xiaoyuan"), on("QiuMingyuan"), on("wu_xiaotong"), off("rong.shuan"), wholeDepartment(6))
	w.seedAccount("退换货服务台", true, on("ying_xiaoxue"), off("ZaoMancang"), wholeDepartment(6), wholeDepartment(7))
	w.seedAccount("全屋定制顾问", true)
	w.seedAccount("会员与积分", true, off("ping.xiaoguo"), pausing("ning_qinghuan"), off("zhi_wanfeng"))
	w.seedAccount("门店到店预约", false, on("yi.anwen"), on("ZhuoFangyuan"), off("gui_mantang"))
	w.seedAccount("企业采购专线", false, on("ta.qingxian"), on("SongMuqing"))
	w.seedAccount("软装搭配顾问", false, on("PingShanyuan"), wholeDepartment(3))
	w.seedAccount("经销商支持", false, on("jia_shangshu"))
}

// Sizes of the large world.
const (
	largeDepartments = 24
	largePeople      = 600
	largeRows        = 4 // servicers of each account
)

// seedLarge is the same company grown to the limit of accounts.
func (w *world) seedLarge() {
	w.Departments = append(w.Departments, &department{ID: 1, Name: "云杉家居", Order: departmentOrder})
	for i := range largeDepartments {
		d := &department{ID: int64(i + 2), Parent: 1, Name: fmt.Sprintf("客户服务%02d部", i+1), Order: departmentOrder - int64(i)*1000}
		if i >= largeDepartments/4 {
			d.Parent, d.Name = int64(i%(largeDepartments/4)+2), fmt.Sprintf("客户服务%02d组", i+1)
		}
		w.Departments = append(w.Departments, d)
	}
	for i := range largePeople {
		status := personActive
		switch i % 50 {
		case 17:
			status = personInactive
		case 31:
			status = personDisabled
		}
		w.People = append(w.People, &person{
			UserID: fmt.Sprintf("ys%05d", i+1), Name: largeSurnames[i%len(largeSurnames)] + largeGivenNames[i/len(largeSurnames)],
			Departments: []int64{int64(i%largeDepartments + 2)}, Position: "客服专员", Gender: strconv.Itoa(i%2 + 1), Status: status,
		})
	}
	for i := range maxAccounts {
		w.seedAccount(largeAccountName(i), i%3 != 2, w.largeServicers(i)...)
	}
}

// largeServicers picks the rows of one account: people in turn, and on every tenth account a department.
func (w *world) largeServicers(account int) []*servicer {
	rows := make([]*servicer, 0, largeRows)
	for next := account * 3; len(rows) < largeRows; next++ {
		p := w.People[next%largePeople]
		switch {
		case account%10 == 0 && len(rows) == 0:
			rows = append(rows, wholeDepartment(int64(account/10%largeDepartments+2)))
		case p.Status != personActive:
		case (account+next)%7 == 0:
			rows = append(rows, off(p.UserID))
		case (account+next)%11 == 0:
			rows = append(rows, pausing(p.UserID))
		default:
			rows = append(rows, on(p.UserID))
		}
	}
	return rows
}

// largeAccountName is unique for each number: city, desk and counter.
func largeAccountName(number int) string {
	desk := largeDesks[number%len(largeDesks)]
	city := largeCities[number/len(largeDesks)%len(largeCities)]
	return fmt.Sprintf("%s%s%02d", city, desk, number/(len(largeDesks)*len(largeCities))+1)
}

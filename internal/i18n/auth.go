package i18n

import "fmt"

// Auth are the words of signing in, of the first run and of an operator's own page.
type Auth struct {
	SignInTitle, Name, Password, SignIn, Wrong                                             string
	Throttled                                                                              func(minutes int) string
	DemoTitle, DemoText                                                                    string
	SetupTitle, SetupText, SetupCode, SetupCodeHelp, SetupName, SetupNameHelp, SetupCreate string
	SetupCodeWrong                                                                         string
	PasswordHelp, PasswordNew, PasswordAgain, PasswordCurrent, PasswordMismatch            string
	PasswordWrong, PasswordSame, PasswordChange, PasswordTitle, PasswordText, PasswordDone string
	MeTitle, SettingsTitle, SettingsText, Language, Theme, Zone, ZoneHelp, SettingsSave    string
	SettingsDone                                                                           string
	SessionsTitle, SessionsText, SessionThis, SessionStarted, SessionSeen, SessionAddress  string
	SessionsEnd, SessionsOnly, SessionDevice, SessionsCaption                              string
	RoleTitle, RoleText                                                                    string
	Since, PasswordSince                                                                   string
	RoleDoes                                                                               map[string]string
	Errors                                                                                 map[string]func(limit int) string
}

var authZH = Auth{
	SignInTitle: "登录", Name: "用户名", Password: "密码", SignIn: "登录", Wrong: "用户名或密码不正确",
	Throttled: func(n int) string { return fmt.Sprintf("尝试次数过多，请在 %d 分钟后再试", n) },
	DemoTitle: "演示环境", DemoText: "用户名 owner、manager、auditor 或 viewer，密码都是 demo-console。",
	SetupTitle: "首次设置", SetupText: "创建第一个操作员。他是所有者，可以使用全部功能。", SetupCode: "一次性设置码", SetupCodeHelp: "在服务器启动时的输出中", SetupName: "用户名", SetupNameHelp: "用于登录，也会出现在操作日志中", SetupCreate: "创建所有者并登录",
	SetupCodeWrong: "设置码不正确",
	PasswordHelp:   "至少 8 个字符，不能是常见密码", PasswordNew: "新密码", PasswordAgain: "再输入一次新密码", PasswordCurrent: "当前密码", PasswordMismatch: "两次输入的新密码不一致",
	PasswordWrong: "当前密码不正确", PasswordSame: "新密码与当前密码相同", PasswordChange: "修改密码", PasswordTitle: "密码", PasswordText: "修改后，其他设备上的登录都会结束。", PasswordDone: "密码已修改，其他登录已结束",
	MeTitle: "我的设置", SettingsTitle: "显示", SettingsText: "只影响你自己看到的页面。", Language: "语言", Theme: "外观", Zone: "时区", ZoneHelp: "页面和导出文件中的时间。企业微信按天统计的数据始终使用北京时间。", SettingsSave: "保存",
	SettingsDone:  "设置已保存",
	SessionsTitle: "登录的设备", SessionsText: "一小时不使用，或登录满十二小时后会自动退出。", SessionThis: "当前设备", SessionStarted: "登录时间", SessionSeen: "最近使用", SessionAddress: "IP 地址",
	SessionsEnd: "结束其他登录", SessionsOnly: "没有其他登录", SessionDevice: "设备", SessionsCaption: "登录的设备列表",
	RoleTitle: "角色", RoleText: "角色由所有者在服务器上分配。", Since: "加入时间", PasswordSince: "密码设置于",
	RoleDoes: map[string]string{
		"owner":   "可以使用全部功能，包括导出和校验操作日志。",
		"manager": "可以管理客服账号、接待人员和链接，查看操作日志。",
		"auditor": "可以查看全部页面，导出和校验操作日志，不能做任何变更。",
		"viewer":  "可以查看总览、客服账号、接待人员和链接。",
	},
	Errors: map[string]func(int) string{
		"short": func(n int) string { return fmt.Sprintf("至少 %d 个字符", n) }, "long": func(n int) string { return fmt.Sprintf("最多 %d 个字符", n) },
		"chars":  func(int) string { return "只能使用文字、数字、空格和 . _ - @" },
		"name":   func(int) string { return "不能与用户名相同" },
		"common": func(int) string { return "太常见，容易被猜到，请换一个" },
		"taken":  func(int) string { return "已有同名操作员" }, "required": func(int) string { return "请填写" },
	},
}

var authEN = Auth{
	SignInTitle: "Sign in", Name: "Name", Password: "Password", SignIn: "Sign in", Wrong: "Name or password is wrong",
	Throttled: func(n int) string { return "Too many attempts; try again in " + plural(n, "minute", "minutes") },
	DemoTitle: "Demonstration", DemoText: "Names owner, manager, auditor or viewer, all with the password demo-console.",
	SetupTitle: "First run", SetupText: "Create the first operator: an owner, who may do everything.", SetupCode: "One-time code", SetupCodeHelp: "In the server’s output at start", SetupName: "Name", SetupNameHelp: "For signing in; the audit log shows it too", SetupCreate: "Create owner and sign in",
	SetupCodeWrong: "The code is wrong",
	PasswordHelp:   "At least 8 characters, none of the common ones", PasswordNew: "New password", PasswordAgain: "New password again", PasswordCurrent: "Current password", PasswordMismatch: "The new passwords differ",
	PasswordWrong: "The current password is wrong", PasswordSame: "Same as the current password", PasswordChange: "Change password", PasswordTitle: "Password", PasswordText: "Other devices are signed out when it changes.", PasswordDone: "Password changed, other sessions ended",
	MeTitle: "My settings", SettingsTitle: "Display", SettingsText: "Only what you see yourself.", Language: "Language", Theme: "Appearance", Zone: "Time zone", ZoneHelp: "For times on pages and in exported files. WeCom’s daily figures are always in Beijing time.", SettingsSave: "Save",
	SettingsDone:  "Settings saved",
	SessionsTitle: "Where you are signed in", SessionsText: "A session ends after an hour without use, and twelve hours after signing in.", SessionThis: "this device", SessionStarted: "Signed in", SessionSeen: "Last used", SessionAddress: "IP address",
	SessionsEnd: "End other sessions", SessionsOnly: "No other sessions", SessionDevice: "Device", SessionsCaption: "List of sessions",
	RoleTitle: "Role", RoleText: "An owner assigns roles on the server.", Since: "Since", PasswordSince: "Password set",
	RoleDoes: map[string]string{
		"owner":   "May do everything, exporting and verifying the audit log included.",
		"manager": "May manage accounts, servicers and links, and read the audit log.",
		"auditor": "May see every page, export and verify the audit log, and change nothing.",
		"viewer":  "May see the overview, accounts, servicers and links.",
	},
	Errors: map[string]func(int) string{
		"short": func(n int) string { return fmt.Sprintf("At least %d characters", n) }, "long": func(n int) string { return fmt.Sprintf("At most %d characters", n) },
		"chars":  func(int) string { return "Only letters, digits, spaces and . _ - @" },
		"name":   func(int) string { return "Must differ from the name" },
		"common": func(int) string { return "Too common to be safe; choose another" },
		"taken":  func(int) string { return "An operator of that name exists" }, "required": func(int) string { return "Required" },
	},
}

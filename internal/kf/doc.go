// Package kf is a client of WeCom's WeChat customer service (KF) API, as far as
// accounts, links, servicers, avatars and the address book are concerned.
//
// It keeps the access token, renews it early and at most once at a time, checks
// documented limits before sending and turns every answer other than success
// into a typed error. [CertaintyOf] says for each error whether the change may
// have happened. It does not repeat a call that may have been carried out, keeps
// no copy of what it read, and knows nothing of operators, databases or pages.
//
// The access token and the application secret never appear in an error.
//
// The calls. Documents are at
// https://developer.work.weixin.qq.com/document/path/ followed by the number.
//
//	endpoint            verb  method              document
//	gettoken            GET   (each, on demand)   91039
//	kf/account/add      POST  AddAccount          94662
//	kf/account/del      POST  DeleteAccount       94663
//	kf/account/update   POST  UpdateAccount       94664
//	kf/account/list     POST  ListAccounts        94661
//	kf/add_contact_way  POST  AddContactWay       94665
//	kf/servicer/add     POST  AddServicers        94646
//	kf/servicer/del     POST  DeleteServicers     94647
//	kf/servicer/list    GET   ListServicers       94645
//	media/upload        POST  UploadImage         90253
//	media/get           GET   GetMedia            90256
//	department/list     GET   Departments         90208
//	user/simplelist     GET   DepartmentMembers   90200
//	user/list           GET   DepartmentUsers     90201
//	user/get            GET   User                90196
package kf

// The endpoints of the table above, as paths under /cgi-bin/.
const (
	endpointToken             = "gettoken"
	endpointAccountAdd        = "kf/account/add"
	endpointAccountDelete     = "kf/account/del"
	endpointAccountUpdate     = "kf/account/update"
	endpointAccountList       = "kf/account/list"
	endpointContactWay        = "kf/add_contact_way"
	endpointServicerAdd       = "kf/servicer/add"
	endpointServicerDelete    = "kf/servicer/del"
	endpointServicerList      = "kf/servicer/list"
	endpointMediaUpload       = "media/upload"
	endpointMediaGet          = "media/get"
	endpointDepartmentList    = "department/list"
	endpointDepartmentMembers = "user/simplelist"
	endpointDepartmentUsers   = "user/list"
	endpointUser              = "user/get"
)

// Package kf is a client of WeCom's WeChat customer service (KF) API, as far as
// accounts, links, servicers, conversations, customers, daily figures, media and
// the address book are concerned.
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
//	endpoint                                verb  method                           document
//	gettoken                                GET   (each, on demand)                91039
//	kf/account/add                          POST  AddAccount                       94662
//	kf/account/del                          POST  DeleteAccount                    94663
//	kf/account/update                       POST  UpdateAccount                    94664
//	kf/account/list                         POST  ListAccounts                     94661
//	kf/add_contact_way                      POST  AddContactWay                    94665
//	kf/servicer/add                         POST  AddServicers                     94646
//	kf/servicer/del                         POST  DeleteServicers                  94647
//	kf/servicer/list                        GET   ListServicers                    94645
//	kf/sync_msg                             POST  SyncMsg                          94670
//	kf/service_state/get                    POST  ServiceState                     94669
//	kf/service_state/trans                  POST  TransferState                    94669
//	kf/send_msg                             POST  SendMsg                          94677
//	kf/send_msg_on_event                    POST  SendOnEvent                      95122
//	kf/customer/batchget                    POST  Customers                        95159
//	kf/customer/get_upgrade_service_config  GET   UpgradeServiceConfig             94674
//	kf/customer/upgrade_service             POST  RecommendMember, RecommendGroup  94674
//	kf/customer/cancel_upgrade_service      POST  CancelUpgrade                    94674
//	kf/get_corp_statistic                   POST  CorpStatistic                    95489
//	kf/get_servicer_statistic               POST  ServicerStatistic                95490
//	media/upload                            POST  Upload, UploadImage              90253
//	media/get                               GET   GetMedia                         90256
//	department/list                         GET   Departments                      90208
//	user/simplelist                         GET   DepartmentMembers                90200
//	user/list                               GET   DepartmentUsers                  90201
//	user/get                                GET   User                             90196
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
	endpointSyncMsg           = "kf/sync_msg"
	endpointStateGet          = "kf/service_state/get"
	endpointStateTransfer     = "kf/service_state/trans"
	endpointSend              = "kf/send_msg"
	endpointSendOnEvent       = "kf/send_msg_on_event"
	endpointCustomers         = "kf/customer/batchget"
	endpointUpgradeConfig     = "kf/customer/get_upgrade_service_config"
	endpointUpgrade           = "kf/customer/upgrade_service"
	endpointUpgradeCancel     = "kf/customer/cancel_upgrade_service"
	endpointCorpStatistic     = "kf/get_corp_statistic"
	endpointServicerStatistic = "kf/get_servicer_statistic"
	endpointMediaUpload       = "media/upload"
	endpointMediaGet          = "media/get"
	endpointDepartmentList    = "department/list"
	endpointDepartmentMembers = "user/simplelist"
	endpointDepartmentUsers   = "user/list"
	endpointUser              = "user/get"
)

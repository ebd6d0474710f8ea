package callback

// The values of the vectors are made up. They were computed by three independent implementations of the protocol.
const (
	testToken    = "kfConsoleDemoTok3n"
	testKey      = "Qm7xN2bYc9LpRt4VzKs8WdHfJg3eUa6oXi1TnMvEyZ5"
	testReceiver = "ww7d3f9a1c5e2b8046"
	testKeyHex   = "426ef13766d873d2e946de15ccab3c59d1df260dde51aea85e2d539ccbc4c99e"
)

// vector is a message and what it is wrapped into.
type vector struct {
	name       string
	params     Params
	ciphertext string
	msg        string
}

// checkQuery is the query of the first vector as it comes.
const checkQuery = "msg_signature=042dce8c4f42a04d79f1ae89e97213792baf5268&timestamp=1760000100&nonce=1372623149&echostr=luWhZUHb4O2GfhFOvuiEYKQneXjqDgTlZq%2BhQmcIoS7Yu0msN4v0R2NhKHGs%2FgRtEdOUocM0u26nd3KxbXURFA%3D%3D"

// vectors are messages for the receiver: of a check; with a padding beyond the block of AES; with a whole block of padding;
// and with characters of several bytes.
var vectors = []vector{
	{"V1", Params{"042dce8c4f42a04d79f1ae89e97213792baf5268", "1760000100", "1372623149"},
		"luWhZUHb4O2GfhFOvuiEYKQneXjqDgTlZq+hQmcIoS7Yu0msN4v0R2NhKHGs/gRtEdOUocM0u26nd3KxbXURFA==",
		`3141592653589793238`},
	{"V2", Params{"0c809c652c0eedaacdb937d42c81f8b1a84fd65f", "1760000123", "1597531234"},
		"9vSkFmWq4AIdMcC0bq7lZp3TqC8q1Iu3Oj6UlIoCXBpUGjjAiOa5vkPPmJVp4hpXUCITpaCNTdRYULWUdkZE8btBZU6smzXD+dXqD8qiy8oi+QbptxZYQ3/ysHap8qRsOzEXTgUB95+oA/n3739Lui5FSmlaGfrTBqMEujqDGtCeeGTHkf9uuVFOqEk08GlJCZD+hoQh1VPW9n03wunZ8GRIAVSce8heTFi1pHhmKr7ylSzqyP+IeUN4Y3rgUncuGQoNPg+OYu85AHnp+poPJjaHK/sghKUXlNVCgsHqgjsvi3IRF9eoTLsHxAUDhEJUI2fOJfPsmhSnoyhilHMQZRyQdbMPD6CA4UoQqfUwkQsTcZPZQVLj8tBuO5NxFFx0q0qEQwWJ9VIUbz/FWDQ5jwUDtmNaPowhCPQdCtpLYLrUH30jjatJuZDVXEaTzAB9NSxIrtt2kVWduXgBm4JopQ==",
		`<xml><ToUserName><![CDATA[ww7d3f9a1c5e2b8046]]></ToUserName><CreateTime>1760000123</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[kf_msg_or_event]]></Event><Token><![CDATA[ENCdemoSyncToken0001]]></Token><OpenKfId><![CDATA[wkDemoKfAccount000000000000000001]]></OpenKfId></xml>`},
	{"V3", Params{"2efe9238082279c3f94aef66d8acb5a426cd0788", "1760000200", "24681012"},
		"wWK5VJvlSP3eja+jVpCoyMVvX9bQFTSQrDljfM/Zy1gqaY4M22IPr2PTmf+4KMzSGxiH+xjpGLFOOGoW7F7f95mQmDPUIY+iv2Rn5lvAh7dkfs/XFr5kyypgQcFlUmnv",
		`abcdefghijklmnopqrstuvwxyz`},
	{"V5", Params{"e17a38a2f25c0ed83ef76e501cd91a4b7e9e54bd", "1760000400", "86420"},
		"e39W10LCBG9Dev8ot//h3sEKK/+gLeYdBKKDkemk6MLtOvzzBSPpDC37R44C4W/DYLSCWHg8mV2CokNzePTN/gNIptntEeqJnSlUu/k5sW2ulcw/9DDEUB2FP4n5CgV0BOXRmfb7aHkZEdliORojkkKfnKtlQL7J1vD4ihSg59F2R7z6MRkKS9YQPxi0l39ww/tW8MpAp6xOZN0UqvM86A==",
		`<xml><ToUserName><![CDATA[ww7d3f9a1c5e2b8046]]></ToUserName><Content><![CDATA[微信客服]]></Content></xml>`},
}

// foreign is a message with a right signature for another receiver.
var foreign = vector{"V4", Params{"4a72bc309b426164575f5e4f799288cf50458148", "1760000300", "97531"},
	"5K7FaM6bJNJ+4Ib2UGjFLrcojQWsOFpoxqIOdAb/UTDrqu3O4f8Ry7avcS7p3e4CrzbSNtv6ZREIovcBYYMQavGh2fDplGThIXnNLACgEdWvytzGn+I7NhUR3UpmpSb8VQf4Cv+Uy/aYvNTmi2Mi1gGdvZH/z6IOIqRKv6vlIbnM3dyDBov6dCFDxyJykAahcZPK+SJQxqudk5SOldlbVH/Gobp3+blJlR6hOMwev5eHre5OgfQxYICnONRMnCG8Zx2jSUUAqLGv9v6ZxzAqElFXsRyvn+TERD3jw839dY1LTyWi2jsklurbYkaxyLDCWfAXW9vB7HtpWZbBx0f76/sOFWMNIs4jawXO9ryRG6iefLy9y/FyOKIekVPauRJ6StwVJN1bB5olXlvYozfcL5uMx178voyKQe+wqYy0ksgEia3gKdP98oFsrJEbAJiPhvPfJj0Z4Soh2cXnrkxw2w==",
	`<xml><ToUserName><![CDATA[ww0000000000000000]]></ToUserName><CreateTime>1760000123</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[kf_msg_or_event]]></Event><Token><![CDATA[ENCdemoSyncToken0001]]></Token><OpenKfId><![CDATA[wkDemoKfAccount000000000000000001]]></OpenKfId></xml>`}

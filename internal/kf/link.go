package kf

import (
	"context"
	"net/url"
)

type contactWayRequest struct {
	ID    AccountID `json:"open_kfid"`
	Scene string    `json:"scene,omitempty"`
}

type contactWayAnswer struct {
	status
	URL string `json:"url"`
}

// AddContactWay returns a link by which customers reach the account (document
// 94665). Scene is a source tag of our own, at most MaxSceneBytes bytes of
// 0-9 a-z A-Z _ and -; it may be empty. WeCom keeps no list of links: the caller
// must store it. A link must not be edited, but with a scene it may be followed
// by &scene_param= and a value.
func (c *Client) AddContactWay(ctx context.Context, id AccountID, scene string) (string, error) {
	if err := firstError(checkAccountID(id), checkScene(scene)); err != nil {
		return "", err
	}
	v, err := post[contactWayAnswer](ctx, c, endpointContactWay, contactWayRequest{id, scene})
	if err != nil {
		return "", err
	}
	// The link ends up in pages and QR codes: nothing but a web address may pass.
	u, err := url.Parse(v.URL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "", malformed(endpointContactWay, "no web address in url")
	}
	return v.URL, nil
}

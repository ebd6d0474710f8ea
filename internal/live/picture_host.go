package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// pictureClient follows no redirect and uses no proxy: what it may connect to is decided by control, on the address that
// a name has been resolved to, so that a name that changes its address gains nothing.
func pictureClient(control func(network, address string, c syscall.RawConn) error) *http.Client {
	dialer := &net.Dialer{Timeout: pictureTimeout, Control: control}
	return &http.Client{
		Timeout:       pictureTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, MaxIdleConnsPerHost: 1, IdleConnTimeout: 30 * time.Second,
			TLSHandshakeTimeout: pictureTimeout, MaxResponseHeaderBytes: 32 << 10, ForceAttemptHTTP2: true,
		},
	}
}

var (
	errPictureHost   = errors.New("address not allowed")
	errPictureAnswer = errors.New("not a picture")
)

// publicOnly refuses to connect to what is not a public address of the internet.
func publicOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !public(at.Addr()) {
		return fmt.Errorf("%w: %s", errPictureHost, address)
	}
	return nil
}

func public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Zone() != "" {
		return false
	}
	for _, reserved := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
		"fec0::/10",
	} {
		if netip.MustParsePrefix(reserved).Contains(a) {
			return false
		}
	}
	return true
}

// download reads a picture from one of the hosts that may have it. Its errors do not hold the address's query.
func (p *pictures) download(ctx context.Context, address string) ([]byte, error) {
	target, client, err := p.allowed(address)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, errPictureHost
	}
	resp, err := client.Do(req)
	if err != nil {
		for inner := new(url.Error); errors.As(err, &inner); {
			err = inner.Err
		}
		return nil, fmt.Errorf("%s: %w", target.Host, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: HTTP %d: %w", target.Host, resp.StatusCode, errPictureAnswer)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, pictureBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", target.Host, err)
	}
	if len(raw) > pictureBytes {
		return nil, fmt.Errorf("%s: more than %d bytes: %w", target.Host, pictureBytes, errPictureAnswer)
	}
	return raw, nil
}

// allowed returns the address to ask and the client to ask with: WeCom's picture hosts over https, whatever the scheme
// that WeCom wrote, or exactly the host of the API.
func (p *pictures) allowed(address string) (*url.URL, *http.Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Opaque != "" || u.Host == "" {
		return nil, nil, errPictureHost
	}
	if strings.EqualFold(u.Host, p.api.Host) && u.Scheme == p.api.Scheme {
		return u, p.inside, nil
	}
	host := strings.ToLower(u.Hostname())
	if u.Scheme != "https" && u.Scheme != "http" || u.Port() != "" || !strings.HasSuffix(host, ".qpic.cn") && !strings.HasSuffix(host, ".qlogo.cn") {
		return nil, nil, fmt.Errorf("%w: %.100s", errPictureHost, host)
	}
	u.Scheme = "https"
	return u, p.outside, nil
}

package network

import "net/url"

// maxRefusals is how often an account that a proxy has taken before may be
// refused in a row: a proxy that is busy does that now and then.
const maxRefusals = 3

// verdict is what a proxy said to an account so far.
type verdict struct {
	account  string
	taken    bool // once at least
	refusals int  // since then
}

// spent tells whether an account must not be shown to the proxy again until a
// person asks for it: the senders of an upload would lock the account of
// whoever has a new password.
func (n *Network) spent(proxy *url.URL) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.verdict[proxy.Host]
	if s.account != proxy.User.String() {
		return false
	}
	return s.refusals >= maxRefusals || s.refusals > 0 && !s.taken
}

// judged records what the proxy said.
func (n *Network) judged(proxy *url.URL, taken bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.verdict[proxy.Host]
	if s.account != proxy.User.String() {
		s = verdict{account: proxy.User.String()}
	}
	if s.refusals++; taken {
		s.taken, s.refusals = true, 0
	}
	n.verdict[proxy.Host] = s
}

// Took tells whether the proxy has let the account through, since the last Renew.
func (n *Network) Took(proxy *url.URL) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.verdict[proxy.Host]
	return s.taken && proxy.User != nil && s.account == proxy.User.String()
}

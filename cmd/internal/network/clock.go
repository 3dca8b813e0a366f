package network

import (
	"crypto/tls"
	"net/http"
	"time"

	"omt/migration"
)

// clockLimit is how far clocks may be apart unseen: a signature's dates are
// made with a margin of some minutes.
const clockLimit = 5 * time.Minute

// answer judges what the service said. asked is when, by this computer.
func (k *test) answer(resp *http.Response, asked time.Time) {
	if s := resp.TLS; s != nil {
		k.row(migration.Msg("network.step.encryption"), text(tls.VersionName(s.Version)))
		if len(s.PeerCertificates) > 0 {
			k.certificate(s.PeerCertificates[0])
		}
	}
	k.row(migration.Msg("network.step.answer"), text(resp.Status))
	switch {
	case resp.StatusCode == http.StatusProxyAuthRequired:
		k.account(&ProxyError{Status: resp.StatusCode, Schemes: schemes(resp.Header)})
		return
	case k.endpoint.Storage && resp.Header.Get("x-ms-request-id") == "":
		// A page that asks people to sign in to the network, or a filter.
		k.end(migration.CheckFailed, migration.Msg("network.stranger", "Address", k.shown()), migration.Msg("network.stranger.todo", "Host", k.endpoint.URL.Hostname()))
		return
	}
	k.clock(resp.Header.Get("Date"), asked)
}

// clock holds the dates of the signature against the service's clock, which
// alone counts, and this computer's clock against the service's.
func (k *test) clock(date string, asked time.Time) {
	here := asked.Add(k.now().Sub(asked) / 2)
	there, err := http.ParseTime(date)
	if err != nil {
		there = here // no date: what this computer believes
	} else {
		k.row(migration.Msg("network.step.clock"), words(migration.Msg("network.clock.apart", "Seconds", int(here.Sub(there).Seconds()))))
	}
	e := k.endpoint
	switch {
	case !e.From.IsZero() && there.Before(e.From):
		k.end(migration.CheckFailed, migration.Msg("network.early", "From", day(e.From), "Now", day(there)), migration.Msg("network.early.todo"))
		return
	case !e.Till.IsZero() && !there.Before(e.Till):
		k.end(migration.CheckFailed, migration.Msg("network.ended", "Till", day(e.Till), "Now", day(there)), migration.Msg("network.ended.todo"))
		return
	}
	if apart := here.Sub(there); apart.Abs() > clockLimit {
		k.end(migration.CheckWarning, migration.Msg("network.clock", "Here", day(here), "There", day(there)), migration.Msg("network.clock.todo"))
	}
}

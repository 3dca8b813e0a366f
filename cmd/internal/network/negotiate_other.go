//go:build !windows

package network

// systemNegotiate is nil: only Windows signs in by itself at a proxy.
var systemNegotiate func(host string) (Negotiation, error)

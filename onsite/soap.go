package onsite

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"

	"omt/migration"
)

// The namespace of NetServer's services ends in their version, which is also
// the last element of the address.
const (
	soapNamespace  = "http://www.superoffice.net/ws/crm/NetServer/"
	defaultService = "Services88"
)

var serviceName = regexp.MustCompile(`(?i)^services\d{2,3}$`)

// soap calls SoPrincipal.AuthenticateUsernamePassword as SOAP 1.1.
func (n *NetServer) soap(ctx context.Context, base *url.URL, user, password string) (carrier, error) {
	version := defaultService
	if last := path.Base(strings.TrimSuffix(base.Path, "/")); serviceName.MatchString(last) {
		version = "Services" + last[len("services"):]
	}
	ns := soapNamespace + version
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><AuthenticateUsernamePassword xmlns="` + ns + `"><UserName>`)
	if err := xml.EscapeText(&b, []byte(user)); err != nil {
		return carrier{}, fmt.Errorf("encode request: %w", err)
	}
	b.WriteString(`</UserName><Password>`)
	if err := xml.EscapeText(&b, []byte(password)); err != nil {
		return carrier{}, errors.New("encode request")
	}
	b.WriteString(`</Password></AuthenticateUsernamePassword></s:Body></s:Envelope>`)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base.JoinPath("SoPrincipal.svc").String(), &b)
	if err != nil {
		return carrier{}, plainError(err)
	}
	// A redirect would turn the POST into a GET or send the password again.
	req.GetBody = nil
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	req.Header.Set("SOAPAction", `"`+ns+`/SoPrincipal/AuthenticateUsernamePassword"`)
	body, err := n.do(req)
	if err != nil {
		return carrier{}, err
	}
	return readSOAP(body)
}

// envelope is the answer; namespaces are left out so that all versions match.
type envelope struct {
	XMLName xml.Name `xml:"Envelope"`
	Header  struct {
		Succeeded     string `xml:"Succeeded"`
		ExceptionInfo struct {
			ExceptionType string `xml:"ExceptionType"`
		} `xml:"ExceptionInfo"`
	} `xml:"Header"`
	Body struct {
		Fault *struct {
			Code string `xml:"faultcode"`
		} `xml:"Fault"`
		Answer *struct {
			Succeeded bool `xml:"AuthenticationSucceeded"`
			Response  struct {
				Associate      string   `xml:"Associate"`
				AssociateID    int64    `xml:"AssociateId"`
				FullName       string   `xml:"FullName"`
				FunctionRights []string `xml:"FunctionRights>string"`
			} `xml:"Response"`
		} `xml:"AuthenticateResponse"`
	} `xml:"Body"`
}

// readSOAP reads the answer. NetServer answers a wrong password with
// AuthenticationSucceeded false, or with a failed call whose exception tells.
func readSOAP(body []byte) (carrier, error) {
	var e envelope
	if err := xml.Unmarshal(body, &e); err != nil {
		return carrier{}, errors.New("answer is not that of NetServer")
	}
	if e.Body.Fault != nil {
		return carrier{}, fmt.Errorf("service failed: %s", e.Body.Fault.Code)
	}
	if e.Body.Answer == nil {
		return carrier{}, errors.New("answer is not that of NetServer")
	}
	r := e.Body.Answer.Response
	if !e.Body.Answer.Succeeded {
		exception := e.Header.ExceptionInfo.ExceptionType
		if strings.EqualFold(e.Header.Succeeded, "false") && exception != "" && !strings.Contains(exception, "Security") &&
			!strings.Contains(exception, "Authentication") {
			return carrier{}, fmt.Errorf("service failed: %s", exception)
		}
		return carrier{}, fmt.Errorf("%w: the service said so", migration.ErrBadCredentials)
	}
	if r.AssociateID == 0 {
		return carrier{}, errors.New("answer is not that of NetServer")
	}
	return carrier{Associate: r.Associate, AssociateID: r.AssociateID, FullName: r.FullName, FunctionRights: r.FunctionRights}, nil
}

package sample

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Namespaces of the two SOAP versions and of the documented service.
const (
	soap11   = "http://schemas.xmlsoap.org/soap/envelope/"
	soap12   = "http://www.w3.org/2003/05/soap-envelope"
	superNS  = "http://www.superoffice.net/ws/crm/NetServer/"
	arraysNS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
)

type soapEnvelope struct {
	XMLName xml.Name
	Body    struct {
		Call *struct {
			XMLName  xml.Name
			UserName string `xml:"UserName"`
			Password string `xml:"Password"`
		} `xml:"AuthenticateUsernamePassword"`
	} `xml:"Body"`
}

// soap answers SoPrincipal.svc for Services84 to Services88: a wrong password is
// an answer, a request that is not one is a fault.
func (n *netServer) soap(w http.ResponseWriter, r *http.Request) {
	services := r.PathValue("services")
	if len(services) != len("Services88") || !strings.HasPrefix(services, "Services8") || services[9] < '4' || services[9] > '8' {
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(r.Body) // bounded by the handler
	if err != nil {
		status := http.StatusBadRequest
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			status = http.StatusRequestEntityTooLarge
		}
		http.Error(w, http.StatusText(status), status)
		return
	}
	version := soap12
	if strings.HasPrefix(r.Header.Get("Content-Type"), "text/xml") {
		version = soap11
	}
	var e soapEnvelope
	if err := xml.Unmarshal(body, &e); err != nil || e.XMLName.Local != "Envelope" {
		fault(w, version, "The message is not a SOAP envelope.")
		return
	}
	version = e.XMLName.Space
	if version != soap11 && version != soap12 {
		fault(w, soap12, "The SOAP version is not supported.")
		return
	}
	if e.Body.Call == nil || e.Body.Call.XMLName.Space != superNS+services {
		fault(w, version, "The message cannot be processed: no such operation.")
		return
	}
	reply(w, version, services, n.find(e.Body.Call.UserName, e.Body.Call.Password))
}

func envelope(w http.ResponseWriter, version string, status int, body []byte) {
	contentType := "application/soap+xml; charset=utf-8"
	if version == soap11 {
		contentType = "text/xml; charset=utf-8"
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	// A client that went away is no error of the server.
	_, _ = fmt.Fprintf(w, `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="%s"><s:Body>%s</s:Body></s:Envelope>`, version, body)
}

func fault(w http.ResponseWriter, version, why string) {
	text := attribute(why)
	body := fmt.Sprintf(`<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang="en">%s</s:Text></s:Reason></s:Fault>`, text)
	if version == soap11 {
		body = fmt.Sprintf(`<s:Fault><faultcode>s:Client</faultcode><faultstring xml:lang="en">%s</faultstring></s:Fault>`, text)
	}
	envelope(w, version, http.StatusInternalServerError, []byte(body))
}

// reply writes the AuthenticateResponse; l is nil for a wrong name or password.
func reply(w http.ResponseWriter, version, services string, l *Login) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<AuthenticateResponse xmlns="%s%s" xmlns:a="%s" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">`, superNS, services, arraysNS)
	if l == nil {
		b.WriteString(`<Response i:nil="true"/><Credentials i:nil="true"/>`)
	} else {
		carrier(&b, principalOf(l))
		ticket := base64Text([]byte(fmt.Sprintf("sample session of %d", l.user.id)))
		fmt.Fprintf(&b, `<Credentials><Ticket>7T:%s</Ticket></Credentials>`, ticket)
	}
	fmt.Fprintf(&b, `<AuthenticationSucceeded>%t</AuthenticationSucceeded></AuthenticateResponse>`, l != nil)
	envelope(w, version, http.StatusOK, b.Bytes())
}

// carrier writes the SoPrincipalCarrier, elements in the documented order.
func carrier(b *bytes.Buffer, p principal) {
	element := func(name string, v any) {
		fmt.Fprintf(b, "<%s>%s</%s>", name, attribute(fmt.Sprint(v)), name)
	}
	b.WriteString("<Response>")
	element("UserType", p.UserType)
	element("Associate", p.Associate)
	element("AssociateId", p.AssociateID)
	element("IsPerson", p.IsPerson)
	element("PersonId", p.PersonID)
	element("CountryId", p.CountryID)
	element("HomeCountryId", p.HomeCountryID)
	element("ContactId", p.ContactID)
	element("GroupId", p.GroupID)
	element("RoleId", p.RoleID)
	element("RoleName", p.RoleName)
	element("RoleType", p.RoleType)
	b.WriteString("<Licenses>")
	for _, x := range p.Licenses {
		b.WriteString("<GrantedModuleLicense>")
		element("OwnerName", x.OwnerName)
		element("Name", x.Name)
		element("Description", x.Description)
		element("LicenseType", x.LicenseType)
		element("ExtraFlags", x.ExtraFlags)
		b.WriteString("</GrantedModuleLicense>")
	}
	b.WriteString("</Licenses>")
	element("FullName", p.FullName)
	element("EMailAddress", p.EMailAddress)
	b.WriteString("<FunctionRights>")
	for _, r := range p.FunctionRights {
		element("a:string", r)
	}
	b.WriteString("</FunctionRights>")
	element("EjUserId", p.EjUserID)
	element("DatabaseContextIdentifier", p.DatabaseContextIdentifier)
	b.WriteString("</Response>")
}

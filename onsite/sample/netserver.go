package sample

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// netServer stands in for SuperOffice's web services: it proves who somebody is
// and does nothing else.
type netServer struct {
	logins []Login
	noREST bool // as before 8.1, where the REST address does not exist
}

// maxRequest bounds what a client may send; a login is far below it.
const maxRequest = 64 << 10

func (n *netServer) handler() http.Handler {
	mux := http.NewServeMux()
	if !n.noREST {
		mux.HandleFunc("GET /SuperOffice/api/v1/User/currentPrincipal", n.currentPrincipal)
	}
	for _, base := range []string{"/NetServer", "/Remote"} {
		mux.HandleFunc("POST "+base+"/{services}/SoPrincipal.svc", n.soap)
	}
	return http.MaxBytesHandler(mux, maxRequest)
}

// find checks a user name and password. The name may be the associate's name,
// or an e-mail address that one associate alone has.
func (n *netServer) find(name, password string) *Login {
	var found *Login
	for i := range n.logins {
		l := &n.logins[i]
		if strings.EqualFold(l.User, name) || slices.ContainsFunc(l.user.emails, func(a string) bool { return strings.EqualFold(a, name) }) {
			if subtle.ConstantTimeCompare([]byte(l.Password), []byte(password)) == 1 {
				found = l
			}
		}
	}
	return found
}

// principal is the SoPrincipalCarrier of the REST service.
type principal struct {
	UserType                  string
	Associate                 string
	AssociateID               int64 `json:"AssociateId"`
	IsPerson                  bool
	PersonID                  int64 `json:"PersonId"`
	CountryID                 int   `json:"CountryId"`
	HomeCountryID             int   `json:"HomeCountryId"`
	ContactID                 int64 `json:"ContactId"`
	GroupID                   int64 `json:"GroupId"`
	BusinessID                int   `json:"BusinessId"`
	CategoryID                int   `json:"CategoryId"`
	ContactOwner              int
	RoleID                    int64 `json:"RoleId"`
	RoleName                  string
	RoleDescription           string
	RoleType                  string
	Licenses                  []grantedLicense
	FullName                  string
	EMailAddress              string
	FunctionRights            []string
	EjUserID                  int64 `json:"EjUserId"`
	EjAccessLevel             int
	EjUserStatus              string
	ProvidedCredentials       []providedCredential
	SecondaryGroups           []int
	DatabaseContextIdentifier string
	UserName                  string
}

type grantedLicense struct {
	OwnerName, Name, Description, Version, LicenseType string
	ExtraFlags                                         int
	IsHidden, IsUnrestricted                           bool
}

type providedCredential struct {
	Type, SearchName, DisplayName string
	CredentialID                  int `json:"CredentialId"`
}

func principalOf(l *Login) principal {
	u := l.user
	p := principal{
		UserType: "InternalAssociate", Associate: u.name, AssociateID: u.id, IsPerson: true, PersonID: u.personID,
		CountryID: countryNorway, HomeCountryID: countryNorway, ContactID: u.contactID, GroupID: u.group, BusinessID: 1, CategoryID: 1,
		RoleID: u.role, RoleName: roleNames[u.role], RoleType: "Employee", Licenses: []grantedLicense{},
		FullName: l.FullName, FunctionRights: l.Rights, EjUserID: u.id, EjAccessLevel: 2, EjUserStatus: "StatusNormal",
		ProvidedCredentials:       []providedCredential{{Type: "SuperOfficePassword", SearchName: u.name, DisplayName: l.FullName}},
		SecondaryGroups:           []int{},
		DatabaseContextIdentifier: "Default",
	}
	if len(u.emails) > 0 {
		p.EMailAddress, p.UserName = u.emails[0], u.emails[len(u.emails)-1]
	}
	if u.plan != "" {
		p.Licenses = append(p.Licenses, grantedLicense{OwnerName: superOffice, Name: u.plan, Description: planOf(u.plan).name, LicenseType: "UserLicense", ExtraFlags: 1})
	}
	for _, m := range []string{"user", "web"} {
		p.Licenses = append(p.Licenses, grantedLicense{OwnerName: superOffice, Name: m, LicenseType: "UserLicense", IsHidden: true})
	}
	return p
}

func sortedRights(role int64) []string {
	rights := rightsOf(role)
	slices.Sort(rights)
	return rights
}

func (n *netServer) currentPrincipal(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	name, password, ok := r.BasicAuth()
	var l *Login
	if ok {
		l = n.find(name, password)
	}
	if l == nil {
		w.Header().Set("WWW-Authenticate", `Basic realm="SuperOffice"`)
		w.WriteHeader(http.StatusUnauthorized)
		answer(w, map[string]any{"Error": true, "ErrorType": "Authentication", "Message": "Unable to authenticate."})
		return
	}
	answer(w, principalOf(l))
}

// answer writes JSON. A client that went away is no error of the server.
func answer(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }

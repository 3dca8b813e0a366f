package wiring

// stateRights is the list of access of the folder of journal and log in Windows'
// own notation: nothing is inherited from above, everything below inherits it,
// and full access is for the system, the administrators and those accounts. The
// folder holds names of users and of documents.
func stateRights(accounts ...string) string {
	out := "D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
	seen := map[string]bool{}
	for _, a := range accounts {
		if a != "" && !seen[a] {
			out += "(A;OICI;FA;;;" + a + ")"
			seen[a] = true
		}
	}
	return out
}

package sample

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"

	"omt/migration"
)

// mailDomain is reserved for examples (RFC 2606), so no mail ever leaves.
const mailDomain = "fjordlys.example"

// user is an associate with the person behind it.
type user struct {
	id, personID, contactID int64
	name                    string // initials, login name and archive folder
	kind                    migration.AssociateType
	retired                 bool
	first, middle, last     string
	emails                  []string // by rank
	role, group             int64
	plan                    string // module name of the user plan, may be empty
	confidential            bool
}

func (u *user) fullName() string {
	return strings.Join(strings.Fields(u.first+" "+u.middle+" "+u.last), " ")
}

// world is what every part of the sample must agree on: the people.
type world struct {
	seed      int64
	users     []*user
	employees []*user // retired ones included: they own documents
	active    []*user
	kana      map[int64]string // reading of Japanese names by person id
}

func (w *world) anyUser(n uint64) *user { return w.employees[n%uint64(len(w.employees))] }

// newWorld makes n associates: about nine in ten are employees, some of them
// retired, the others resources, external, anonymous and system users.
func newWorld(seed int64, n int) *world {
	w := &world{seed: seed, kana: map[int64]string{}}
	r := newRand(seed, "people", 0)
	few := max(2, n/20)
	taken := map[string]bool{}
	employees := n - 2*few - 3
	for k := range employees {
		u := w.employee(r, k, employees, taken)
		w.employees = append(w.employees, u)
		if !u.retired {
			w.active = append(w.active, u)
		}
		w.users = append(w.users, u)
	}
	for i := range few {
		w.add(&user{name: fmt.Sprintf("ROM%d", i+1), kind: migration.Resource, last: fmt.Sprintf("Møterom %d", i+1)})
	}
	for i := range few {
		u := w.add(&user{name: fmt.Sprintf("EXT%03d", i+1), kind: migration.External, first: pick(r, firstNames), last: pick(r, lastNames), role: roleExternal})
		u.personID, u.contactID = int64(employees+1+i), int64(10+i%30)
		u.emails = []string{fmt.Sprintf("portal%d@kunde%d.example", i+1, i+1)}
	}
	w.add(&user{name: "ANONYMOUS", kind: migration.Anonymous, role: roleAnonymous})
	w.add(&user{name: "ejSysUser", kind: migration.System, role: roleSystem})
	w.add(&user{name: "SYS0", kind: migration.System, role: roleSystem})
	for i, u := range w.users {
		u.id = int64(i + 1 + i/25*3) // ids have gaps, as after deleted users
		u.group = int64(i%len(departments) + 1)
	}
	return w
}

func (w *world) add(u *user) *user {
	w.users = append(w.users, u)
	return u
}

// employee makes the k-th employee. The first three can sign in, see logins.
// Irregularities stand at fixed places, so that every sample has them.
func (w *world) employee(r *rand.Rand, k, count int, taken map[string]bool) *user {
	u := &user{personID: int64(k + 1), contactID: int64(1 + k%3), kind: migration.Employee}
	u.first, u.last, u.role = pick(r, firstNames), pick(r, lastNames), int64(2+r.IntN(5))
	local := ""
	switch {
	case k < len(fixedPeople):
		f := fixedPeople[k]
		u.name, u.first, u.last, u.role, u.contactID = f.name, f.first, f.last, f.role, 1
	case k%19 == 8:
		kana := kanaNames[k/19%len(kanaNames)]
		u.last, u.first, local = kana[0], kana[1], kana[3]
		u.name = "JP" + strings.ToUpper(kana[3][:1]+kana[3][2:4])
		w.kana[u.personID] = kana[2]
	case k%13 == 6:
		u.middle = pick(r, []string{"van", "Emil", "von der", "Åse Marie"})
	}
	if u.name == "" {
		u.name = initials(u)
	}
	u.name = free(u.name, taken)
	u.retired = k > 12 && (k%14 == 13 || k == count-1)
	if local == "" {
		local = asciiLower(u.first) + "." + asciiLower(u.last)
	}
	u.emails = addresses(r, k, free(local, taken)+"@"+mailDomain, u)
	if k == 29 { // one person with two associates: only one of them is licensed
		first := w.employees[28]
		u.personID, u.first, u.middle, u.last, u.emails = first.personID, first.first, first.middle, first.last, first.emails
	}
	if !u.retired && len(u.emails) > 0 && k != 29 && k%7 != 6 {
		u.plan = userPlans[k%len(userPlans)].module
		u.confidential = k%5 == 0
	}
	return u
}

// addresses gives the e-mail addresses by rank. own is unique and valid; every
// licensed user has it, at some rank, so that a plan is always possible.
func addresses(r *rand.Rand, k int, own string, u *user) []string {
	private := fmt.Sprintf("%s%d@privat.example", asciiLower(u.first), 100+k)
	switch {
	case k%29 == 11:
		return nil // a person without an address
	case k%17 == 5:
		return []string{"salg@" + mailDomain, own} // shared by several people
	case k%17 == 10:
		return []string{"Salg@Fjordlys.Example", own} // the same in other letters
	case k%23 == 7:
		return []string{pick(r, invalidAddresses), own, private}
	case k%9 == 4:
		return []string{asciiLower(u.name) + "@" + mailDomain, own, private}
	default:
		return []string{own}
	}
}

var invalidAddresses = []string{"ola nordmann@" + mailDomain, "post@", "kari.nordmann", "salg@fjordlys,example", "<post@" + mailDomain + ">", "a@b@" + mailDomain}

// initials are the first letters of the name, Å and Ø kept: they name folders.
func initials(u *user) string {
	var out []rune
	for _, part := range strings.Fields(u.first + " " + u.middle + " " + u.last) {
		for _, r := range part {
			if unicode.IsLetter(r) {
				out = append(out, unicode.ToUpper(r))
				break
			}
		}
	}
	return string(out)
}

// free makes a name unique without regard to case and remembers it.
func free(name string, taken map[string]bool) string {
	candidate := name
	for i := 2; taken[strings.ToLower(candidate)]; i++ {
		candidate = fmt.Sprintf("%s%d", name, i)
	}
	taken[strings.ToLower(candidate)] = true
	return candidate
}

var plain = strings.NewReplacer(
	"æ", "ae", "ø", "oe", "å", "aa", "ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "é", "e", "è", "e",
	"ë", "e", "ô", "o", "ł", "l", "'", "", " ", "",
)

func asciiLower(s string) string { return plain.Replace(strings.ToLower(s)) }

// fixedPeople are the employees that the NetServer stand-in knows.
var fixedPeople = []struct {
	name, first, last string
	role              int64
}{
	{"ADM0", "Astrid", "Lund", 1},
	{"UADM", "Jürgen", "Schäfer", 8},
	{"KNO", "Kari", "Nordmann", 3},
	{"ÅSE", "Åse", "Øverland", 15},
	{"JØRN H", "Jørn", "Haugen", 4},
}

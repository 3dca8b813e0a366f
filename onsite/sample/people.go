package sample

import (
	"fmt"
	"strings"
	"time"

	"omt/migration"
)

// Ids of predefined roles; 1 to 16 as documented, the others are this
// customer's own.
const (
	roleExternal  = 10
	roleAnonymous = 11
	roleSystem    = 12
)

var roleNames = map[int64]string{
	1: "User level 0", 2: "User level 1", 3: "User level 2", 4: "User level 3", 5: "User level 4", 6: "User level 5",
	7: "List Administrator", 8: "User Administrator", 9: "Local User", roleExternal: "External users", roleAnonymous: "Anonymous",
	roleSystem: "System", 13: "eJournal Administrator", 14: "eJournal User", 15: "CRM Administrator", 16: "CRM User",
}

// functionRights in the order of their ids; the first three are documented.
var functionRights = []string{
	"admin-all", "admin-lists", "admin-users", "admin-import", "admin-userpreferences", "allow-bulk-update",
	"allow-export", "hide-statusmonitors", "design-report", "saint-admin", "marketing-admin", "service-admin",
}

// roleRights are the function rights of each role, by their ids.
var roleRights = map[int64][]int64{
	1: {1, 4, 6, 7, 9}, 2: {6, 7, 9}, 3: {7, 9}, 4: {7}, 7: {2}, 8: {3, 5}, 13: {12}, 15: {1, 2, 3, 6, 7},
}

// rightsOf lists the names of a role's function rights.
func rightsOf(role int64) []string {
	out := []string{}
	for _, id := range roleRights[role] {
		out = append(out, functionRights[id-1])
	}
	return out
}

// hash20 has the shape of SuperOffice's checksums and secrets, 20 bytes in
// base64 after a tag. It is the hash of nothing.
func (b *rowBuilder) hash20(tag string) string {
	var raw [20]byte
	fill(b.rng, raw[:])
	return tag + base64Text(raw[:])
}

func (b *rowBuilder) groups() error {
	for i, name := range departments {
		id := int64(i + 1)
		if err := b.insert("UserGroup", id, "name", name, "rank", i+1, "tooltip", "", "deleted", boolInt(i == len(departments)-1)); err != nil {
			return err
		}
	}
	for i, name := range positions {
		if err := b.insert("PersPos", int64(i+1), "name", name, "rank", i+1); err != nil {
			return err
		}
	}
	return nil
}

func (b *rowBuilder) roles() error {
	for id := int64(1); id <= 16; id++ {
		kind := map[int64]int{roleExternal: 1, roleAnonymous: 2, roleSystem: 3}[id]
		if err := b.insert("Role", id, "name", roleNames[id], "rank", id, "roleType", kind, "encryptedCheck", b.hash20("7H:")); err != nil {
			return err
		}
		for _, right := range roleRights[id] {
			if b.o.Defects.has(DefectNoAdministrator) && strings.HasPrefix(functionRights[right-1], "admin-") {
				continue
			}
			if _, err := b.add("FunctionRightRoleLink", "roleId", id, "functionRightId", right, "encryptedCheck", b.hash20("7H:")); err != nil {
				return err
			}
		}
		for table := 5; table <= 10; table++ {
			if _, err := b.add("DataRight", "roleId", id, "tableId", table, "CRUD", "CRUDIN"[:2+id%5], "encryptedCheck", b.hash20("7H:")); err != nil {
				return err
			}
		}
	}
	for i, name := range functionRights {
		if err := b.insert("FunctionRight", int64(i+1), "name", name, "isBuiltIn", 1, "encryptedCheck", b.hash20("7H:")); err != nil {
			return err
		}
	}
	return nil
}

func (b *rowBuilder) people() error {
	persons := map[int64]bool{}
	for _, u := range b.world.users {
		if err := b.associate(u); err != nil {
			return err
		}
		if u.personID != 0 && !persons[u.personID] {
			persons[u.personID] = true
			if err := b.userPerson(u); err != nil {
				return err
			}
		}
		if u.kind == migration.Employee && u.id%10 == 3 {
			// a secondary group
			if _, err := b.add("UserGroupLink", "assoc_id", u.id, "UserGroup_id", u.group%int64(len(departments))+1,
				"validFrom", noDate, "validTo", forever, "encryptedCheck", b.hash20("7H:")); err != nil {
				return err
			}
		}
		if u.role != 0 {
			if _, err := b.add("UserRoleLink", "associate_id", u.id, "role_id", u.role, "encryptedCheck", b.hash20("7H:")); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *rowBuilder) associate(u *user) error {
	b.expect.Associates[fmt.Sprintf("type%d", u.kind)]++
	var userName any = ""
	if u.plan != "" {
		userName = u.emails[len(u.emails)-1]
	}
	login := dateIn(b.rng, lastDay.AddDate(0, -3, 0), lastDay)
	if u.retired {
		b.expect.Associates["retired"]++
		login = dateIn(b.rng, firstDay, lastDay.AddDate(-4, 0, 0))
	}
	if u.kind != migration.Employee {
		login = noDate
	}
	return b.insert("associate", u.id, "name", u.name, "rank", u.id%1000, "tooltip", u.fullName(), "deleted", boolInt(u.retired),
		"group_idx", u.group, "lastlogin", login, "lastlogout", login, "person_id", u.personID, "checklistlimit", noDate,
		"type", int(u.kind), "isLocation", boolInt(u.kind == migration.Resource), "ejuserId", u.id,
		"encryptedCheck", b.hash20("7H:"), "userName", userName)
}

func (b *rowBuilder) userPerson(u *user) error {
	var kana any
	if k, ok := b.world.kana[u.personID]; ok {
		kana = k
	}
	if err := b.insert("person", u.personID, "contact_id", u.contactID, "rank", u.personID%500, "lastname", u.last,
		"firstname", u.first, "middleName", u.middle, "kanalname", kana, "position_idx", u.personID%int64(len(positions))+1,
		"retired", boolInt(u.retired), "country_id", countryNorway, "associate_id", u.id, "phone_present", 1); err != nil {
		return err
	}
	for rank, address := range u.emails {
		if _, err := b.add("Email", "person_id", u.personID, "protocol", "SMTP", "description", address, "email_address", address, "rank", rank+1); err != nil {
			return err
		}
	}
	for i, kind := range []int{16385, 16389, 16388} {
		if i > 0 && (u.personID+int64(i))%3 == 0 {
			continue
		}
		number := fmt.Sprintf("+47 %02d %02d %02d %02d", 22+i, u.personID%100, b.rng.IntN(100), b.rng.IntN(100))
		if _, err := b.add("phone", "owner_id", u.personID, "ptype_idx", kind, "phone", number, "rank", i+1,
			"validFrom", noDate, "validTo", forever, "searchPhoneNumber", strings.ReplaceAll(number[1:], " ", "")); err != nil {
			return err
		}
	}
	if u.kind == migration.Employee && u.personID%6 == 1 {
		return b.portrait(u.personID)
	}
	return nil
}

// portrait stores a small picture of a person.
func (b *rowBuilder) portrait(person int64) error {
	img, err := picture(b.rng)
	if err != nil {
		return err
	}
	id, err := b.add("BinaryObject", "conceptualType", "PERSONPHOTO", "mimeType", "image/png", "description", "portrait.png",
		"originalSize", len(img), "blobSize", len(img), "binaryData", img)
	if err != nil {
		return err
	}
	_, err = b.add("BinaryObjectLink", "binaryObjectId", id, "ownerTable", 6, "ownerRecord", person, "linkType", 1, "rank", 1)
	return err
}

func (b *rowBuilder) credentials() error {
	for _, u := range b.world.users {
		if u.kind != migration.Employee && u.kind != migration.External {
			continue
		}
		kind, search, secret := "CRM5/PASSWORD", u.name, b.hash20("7P:")
		if u.id%8 == 5 { // one method per user: password or Active Directory
			kind, secret = "ActiveDirectory", ""
			search = fmt.Sprintf("S-1-5-21-1004336348-1177238915-682003330-%d", 1100+u.id)
		}
		if _, err := b.add("Credentials", "associateId", u.id, "credentialType", kind, "searchName", search, "secret", secret,
			"validFrom", noDate, "validTo", forever, "isActive", 1, "encryptedCheck", b.hash20("7H:"), "personId", u.personID,
			"displayName", u.fullName(), "lastUsedDate", lastDay.Add(-time.Duration(u.id)*time.Hour)); err != nil {
			return err
		}
	}
	for _, u := range b.world.active[:signedOn] {
		if err := b.insert("activeuser", u.id, "lastlogin", lastDay, "netAddress", fmt.Sprintf("192.0.2.%d", u.id), "clientType", 1,
			"computerName", computerOf(u), "domainName", "FJORDLYS", "osUserName", strings.ToLower(u.name)); err != nil {
			return err
		}
	}
	return nil
}

// signedOn is how many users are signed on.
const signedOn = 3

func computerOf(u *user) string { return fmt.Sprintf("PC-%03d", u.id) }

func boolInt(v bool) int {
	if v {
		return 1
	}
	return 0
}

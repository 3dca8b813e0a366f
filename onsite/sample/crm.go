package sample

import (
	"fmt"
	"strings"
)

// baseContacts are the companies that every sample has: documents and tickets
// refer to them, however many rows are wanted.
const baseContacts = 40

// unitRows is about how many rows one company brings with it.
const unitRows = 28

// crm fills companies, their people, follow-ups and sales up to about the
// wanted number of rows; the transaction log evens out the rest.
func (b *rowBuilder) crm() error {
	reserved := int64(b.o.Documents)*13/4 + 700
	units := max(baseContacts, (b.o.Rows-b.total-reserved)*85/100/unitRows)
	for id := int64(1); id <= units; id++ {
		if err := b.contact(id); err != nil {
			return err
		}
	}
	for id := int64(1); id <= max(12, units/40); id++ {
		who := b.world.anyUser(uint64(id))
		if err := b.insert("project", id, "name", fmt.Sprintf("%s %d", pick(b.rng, []string{"Utrulling", "Messe", "Jubiläum", "Ombygging"}), id),
			"project_number", fmt.Sprintf("P%05d", id), "type_idx", 1+id%2, "status_idx", 1+id%3, "associate_id", who.id,
			"endDate", forever); err != nil {
			return err
		}
		if _, err := b.add("projectmember", "project_id", id, "contact_id", 1+id%baseContacts, "rank", 1); err != nil {
			return err
		}
	}
	return b.longTexts()
}

func (b *rowBuilder) contact(id int64) error {
	owner := b.world.anyUser(uint64(id))
	name := fmt.Sprintf("%s %s", pick(b.rng, companyWords), pick(b.rng, companyKinds))
	department := ""
	switch {
	case id <= 3: // the owner and two branches employ everybody
		name, department = "Fjordlys Handel AS", [...]string{"", "Bergen", "日本支社"}[id-1]
	case id%9 == 0:
		department = pick(b.rng, departments)
	}
	var number any = fmt.Sprintf("K%06d", id)
	if id%5 == 0 {
		number = nil
	}
	if err := b.insert("contact", id, "name", name, "department", department, "number1", number, "associate_id", owner.id,
		"country_id", countryNorway, "business_idx", 1+id%4, "category_idx", 1+id%5, "group_id", owner.group,
		"orgNr", fmt.Sprintf("9%08d", id), "soundEx", "", "DeletedDate", noDate); err != nil {
		return err
	}
	for kind := range 2 { // postal and street address
		if _, err := b.add("address", "owner_id", id, "atype_idx", kind+1, "zipcode", fmt.Sprintf("%04d", 1+b.rng.IntN(9999)),
			"city", pick(b.rng, cities), "address1", fmt.Sprintf("%s %d", pick(b.rng, streets), 1+b.rng.IntN(200)),
			"wgs84latitude", 59.9+float64(id%1000)/1000); err != nil {
			return err
		}
	}
	if id <= 3 {
		if _, err := b.add("OwnerContactLink", "contact_id", id); err != nil {
			return err
		}
	}
	if err := b.contactPersons(id); err != nil {
		return err
	}
	for n := range 5 {
		if err := b.followUp(id, n); err != nil {
			return err
		}
	}
	return b.sale(id, owner)
}

// firstCustomer leaves the low person ids to the employees and portal users.
const firstCustomer = 100_001

func (b *rowBuilder) contactPersons(contact int64) error {
	for k := range int64(2) {
		id := firstCustomer + (contact-1)*2 + k
		first, last := pick(b.rng, firstNames), pick(b.rng, lastNames)
		if err := b.insert("person", id, "contact_id", contact, "rank", 1+id%2, "lastname", last, "firstname", first,
			"mrmrs", "", "position_idx", 1+id%int64(len(positions)), "country_id", countryNorway, "year_of_birth", 1950+id%50); err != nil {
			return err
		}
		address := fmt.Sprintf("%s.%s@kunde%d.example", asciiLower(first), asciiLower(last), contact)
		switch {
		case contact == 5: // a customer with the address of a user
			address = b.world.active[2].emails[0]
		case id%97 == 0:
			address = pick(b.rng, invalidAddresses)
		}
		if _, err := b.add("Email", "person_id", id, "protocol", "SMTP", "description", address, "email_address", address, "rank", 1); err != nil {
			return err
		}
		if _, err := b.add("phone", "owner_id", id, "ptype_idx", 16389, "phone", fmt.Sprintf("+49 89 %07d", b.rng.IntN(9999999)), "rank", 1,
			"validFrom", noDate, "validTo", forever); err != nil {
			return err
		}
	}
	return nil
}

func (b *rowBuilder) followUp(contact int64, n int) error {
	owner := b.world.anyUser(uint64(contact) + uint64(n))
	at := dateIn(b.rng, firstDay, lastDay)
	done := at
	if n == 4 {
		done = noDate
	}
	note, err := b.add("text", "type", 1, "owner_id", contact, "text", pick(b.rng, phrases), "lcid", 1044)
	if err != nil {
		return err
	}
	id, err := b.add("appointment", "contact_id", contact, "associate_id", owner.id, "group_idx", owner.group, "done", done, "do_by", at,
		"task_idx", 1+n%4, "priority_idx", 1+n%3, "type", 1+n%2, "status", 1+n%3, "text_id", note, "activeDate", at, "endDate", at,
		"registered", at.AddDate(0, 0, -7), "registered_associate_id", owner.id, "hasAlarm", n%2)
	if err != nil {
		return err
	}
	return b.visible(9, id, owner)
}

func (b *rowBuilder) sale(contact int64, owner *user) error {
	amount := float64(b.rng.IntN(5_000_000)) / 100
	at := dateIn(b.rng, firstDay, lastDay)
	heading := cut(pick(b.rng, phrases), 219)
	set := []any{"associate_id", owner.id, "group_idx", owner.group, "contact_id", contact, "saledate", at, "amount", amount,
		"earning", amount * 0.3, "earning_percent", 30.0, "heading", heading, "currency_id", 1 + contact%3, "probability", contact % 101,
		"status", 1 + contact%3, "number1", fmt.Sprintf("S%06d", contact), "saleType_id", 1 + contact%2}
	id, err := b.add("sale", set...)
	if err != nil {
		return err
	}
	if _, err := b.add("SaleHist", append([]any{"sale_id", id}, set...)...); err != nil {
		return err
	}
	return b.visible(13, id, owner)
}

// longTexts are cells that do not fit a packet: some over 100 KB, two of
// several megabytes, one in characters and one in bytes.
func (b *rowBuilder) longTexts() error {
	paragraph := "<p>" + strings.Join(phrases, " — ") + "</p>\r\n"
	for _, size := range []int{120 << 10, 300 << 10, 3 << 20} {
		html := strings.Repeat(paragraph, size/len(paragraph)+1)
		if _, err := b.add("text", "type", 1, "owner_id", 1, "text", cut(html, 2000), "lcid", 1044, "html_text", html); err != nil {
			return err
		}
	}
	blob := make([]byte, 4<<20+321)
	fill(b.rng, blob)
	_, err := b.add("BinaryObject", "conceptualType", "DASHBOARDDATA", "mimeType", "application/octet-stream", "description", "",
		"originalSize", len(blob), "blobSize", len(blob), "binaryData", blob)
	return err
}

package sample

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// customerService fills what Customer Service has, if it is used.
func (b *rowBuilder) customerService() error {
	if b.o.Defects.has(DefectNoService) {
		return nil
	}
	for _, step := range []func() error{b.service, b.tickets, b.attachments} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// service fills the settings of Customer Service.
func (b *rowBuilder) service() error {
	root := serviceDir(b.dir)
	attachments := filepath.Join(root, "attachments")
	if err := b.insert("config", 1, "text_path", filepath.Join(root, "text"), "attachment_path", attachments,
		"template_path", filepath.Join(root, "templates"), "admin_mail", "drift@"+mailDomain, "default_mail", "support@"+mailDomain,
		"smtp_host", "smtp."+mailDomain, "smtp_port", 25, "cgi_url", "http://crm."+mailDomain, "tag", "FL", "language", "no",
		"version", "10.3.9542", "installed_at", lastDay.AddDate(-2, 0, 0), "unique_id", fmt.Sprintf("%032x", b.o.Seed)); err != nil {
		return err
	}
	if err := b.insert("registry", 1, "reg_id", 70, "name", "UseAttachmentFolders", "value", "1"); err != nil {
		return err
	}
	if err := b.insert("attachment_location", 1, "path", attachments); err != nil {
		return err
	}
	for i, name := range []string{"Salg", "Support", "Reklamasjon", "サポート"} {
		if err := b.insert("ej_category", int64(i+1), "parent_id", -1, "name", name, "fullname", name); err != nil {
			return err
		}
	}
	for i, name := range []string{"Åpen", "Lukket", "Utsatt", "Slettet"} {
		if err := b.insert("ticket_status", int64(i+1), "status", i+1, "ts_rank", i+1, "name", name); err != nil {
			return err
		}
		if err := b.insert("ticket_priority", int64(i+1), "name", [...]string{"Lav", "Normal", "Høy", "Kritisk"}[i], "status", 1, "deadline", 60*(i+1)); err != nil {
			return err
		}
	}
	if err := b.mailboxes(); err != nil {
		return err
	}
	for _, u := range b.world.users {
		email := ""
		if len(u.emails) > 0 {
			email = u.emails[0]
		}
		if err := b.insert("ejuser", u.id, "loginname", u.name, "usergroup", 1, "username", u.name, "firstname", u.first, "lastname", u.last,
			"email", email, "access_level", 2, "status", 1, "language", "no", "default_category", 1); err != nil {
			return err
		}
	}
	return nil
}

// otherMail is a second mail domain, whose support has the same local part.
const otherMail = "fjordlys-service.example"

// mailboxes have an alias each. One more has the local part of another address,
// and one is an address again in other letters.
func (b *rowBuilder) mailboxes() error {
	names := []string{"support", "salg", "reklamasjon"}
	for i, name := range names {
		address := name + "@" + mailDomain
		if err := b.insert("mail_in_filter", int64(i+1), "server_type", 1, "pop_server", "imap."+mailDomain, "pop_user", address,
			"domain", mailDomain, "address", address, "category_id", i+1, "priority", 2, "reply_template_id", -1, "checkwait", 60,
			"status", 1, "last_success", lastDay); err != nil {
			return err
		}
		b.expect.Mailboxes = append(b.expect.Mailboxes, address)
	}
	for i, alias := range []string{"post.support@" + mailDomain, "post.salg@" + mailDomain, "post.reklamasjon@" + mailDomain, "support@" + otherMail} {
		if err := b.insert("mail_alias", int64(i+1), "filter_id", 1+i%len(names), "alias", alias); err != nil {
			return err
		}
		b.expect.Mailboxes = append(b.expect.Mailboxes, alias)
	}
	_, err := b.add("mail_alias", "filter_id", 1, "alias", "Support@"+mailDomain)
	return err
}

func (o Options) ticketCount() int { return max(10, o.Documents/20) }

// tickets have two or three messages each, some of them long.
func (b *rowBuilder) tickets() error {
	for i := range b.o.ticketCount() {
		id := int64(i + 1)
		at := dateIn(b.rng, lastDay.AddDate(-6, 0, 0), lastDay)
		title := pick(b.rng, ticketTitles)
		user := b.world.active[i%len(b.world.active)]
		var closed any = at.Add(48 * time.Hour)
		if i%4 == 0 {
			closed = nil
		}
		if err := b.insert("ticket", id, "connect_id", -1, "title", title, "created_at", at, "last_changed", at.Add(time.Hour), "closed_at", closed,
			"created_by", 1, "author", "kunde@kunde5.example", "owned_by", user.id, "category", 1+i%4, "status", 1+i%2, "ticket_status", 1+i%2,
			"cust_id", firstCustomer+i%50, "priority", 1+i%4, "filter_id", 1+i%3, "num_messages", 2+i%2, "tags", "", "language", "no",
			"dbi_last_syncronized", noDate, "dbi_last_modified", noDate); err != nil {
			return err
		}
		for m := range 2 + i%2 {
			if err := b.message(id, m, title, at.Add(time.Duration(m)*time.Hour)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *rowBuilder) message(ticket int64, n int, title string, at time.Time) error {
	body := pick(b.rng, phrases) + "\r\n\r\nMed vennlig hilsen\r\n" + pick(b.rng, firstNames)
	var html any
	if n == 0 {
		html = "<html><body><p>" + body + "</p></body></html>"
	}
	if ticket%60 == 7 && n == 1 { // somebody pasted a log
		body = strings.Repeat(body+"\r\n", 130<<10/len(body))
	}
	_, err := b.add("ej_message", "ticket_id", ticket, "search_title", title, "created_at", at, "created_by", 1, "type", 1+n%2,
		"author", "kunde@kunde5.example", "message_id", fmt.Sprintf("<%d.%d@mail.%s>", ticket, n, mailDomain), "time_spent", 5*n,
		"body", body, "html_body", html, "customer_id", -1, "body_attachment", -1, "html_body_attachment", -1)
	return err
}

// firstAttachment makes the ids cross the border of 10,000 between two folders.
func (o Options) firstAttachment() int64 { return 10_000 - int64(o.attachmentCount()/2) }

func (o Options) attachmentCount() int { return max(20, o.Documents/10) }

// attachmentAt is one attachment; like a document it follows from its index.
type attachment struct {
	id        int64
	name      string
	size      int
	missing   bool
	mediaType string
}

func (o Options) attachment(i int) attachment {
	r := newRand(o.Seed, "attachment", int64(i))
	kinds := [][2]string{{".png", "image/png"}, {".pdf", "application/pdf"}, {".log", "text/plain"}, {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}}
	kind := pick(r, kinds)
	return attachment{
		id: o.firstAttachment() + int64(i), name: fmt.Sprintf("%s %d%s", pick(r, documentWords), i, kind[0]),
		size: 200 + r.IntN(20_000), missing: i%50 == 17, mediaType: kind[1],
	}
}

func (b *rowBuilder) attachments() error {
	for i := range b.o.attachmentCount() {
		a := b.o.attachment(i)
		var location any = int64(1)
		if i%10 == 3 {
			location = nil // from before attachment_location existed
		}
		if err := b.insert("attachment", a.id, "content_type", a.mediaType, "name", a.name, "att_size", a.size,
			"auth_key", fmt.Sprintf("%016x", b.rng.Uint64()), "dbi_last_syncronized", noDate, "dbi_last_modified", noDate,
			"attachment_location_id", location); err != nil {
			return err
		}
		if _, err := b.add("ticket_attachment", "attachment_id", a.id, "message_id", 1+i%20); err != nil {
			return err
		}
	}
	return nil
}

// extras registers the Service extra table and fills it.
func (b *rowBuilder) extras() error {
	if err := b.insert("extra_tables", 1, "table_name", "y_equipment", "name", "Utstyr", "hierarchy_id", -1, "flags", 0, "table_number", extraTableNumber); err != nil {
		return err
	}
	for i, name := range []string{"x_name", "x_contact", "x_delivered", "x_notes"} {
		if err := b.insert("extra_fields", int64(i+1), "domain", 8, "extra_table", 1, "field_name", name, "name", name[2:], "type", 1+i, "order_pos", i); err != nil {
			return err
		}
	}
	for i := range 60 {
		var notes any
		if i%3 > 0 {
			notes = pick(b.rng, phrases)
		}
		if err := b.insert("y_equipment", int64(i+1), "x_name", fmt.Sprintf("Kopimaskin %d", i+1), "x_contact", 1+i%baseContacts,
			"x_delivered", dateIn(b.rng, firstDay, lastDay), "x_notes", notes); err != nil {
			return err
		}
	}
	return nil
}

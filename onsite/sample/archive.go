package sample

import (
	"fmt"
	"path"
	"strings"
)

// templates writes the template files, two without a row, and a prototype that
// belongs to nobody's migration.
func (b *fileBuilder) templates() error {
	n := int64(0)
	put := func(rel string, known bool) error {
		n++
		size := 3000 + int(n)*211
		if _, err := b.write(archiveFolder, "Template/"+rel, "template", n, size, firstDay); err != nil {
			return err
		}
		b.expect.Templates.add(size)
		if !known {
			b.expect.TemplatesWithoutRow++
		}
		return nil
	}
	for _, t := range documentTemplates {
		for _, language := range t.languages {
			if err := put(path.Join(language, templateFile(t.file)), true); err != nil {
				return err
			}
		}
	}
	for _, rel := range []string{"NO/gammel brevmal 2009.dot", "SuperOffice.dotm"} {
		if err := put(rel, false); err != nil {
			return err
		}
	}
	for i, rel := range []string{"Template/Travel/prototype.db", "Data/so_log.txt", "Scripts/velkommen.crmscript"} {
		size := 500 + i*100
		if _, err := b.write(archiveFolder, rel, "other", int64(i), size, firstDay); err != nil {
			return err
		}
		b.expect.Other.add(size)
	}
	return nil
}

// templateFile takes the file out of a crafted doctmpl.filename such as
// "filename=report.html;allowPersonal=1".
func templateFile(name string) string {
	if rest, ok := strings.CutPrefix(name, "filename="); ok {
		name, _, _ = strings.Cut(rest, ";")
	}
	return name
}

// personal writes signatures and saved selections of users.
func (b *fileBuilder) personal() error {
	for i, u := range b.world.active {
		files := []string{"mail.htm"}
		if i%5 == 0 {
			files = append(files, fmt.Sprintf("Mine kunder %d.sxf", i))
		}
		for k, name := range files {
			size := 400 + i*3 + k
			if _, err := b.write(archiveFolder, u.name+"/"+name, "personal", int64(i*2+k), size, firstDay); err != nil {
				return err
			}
			b.expect.Personal.add(size)
		}
	}
	return nil
}

// strays are files in user folders to which no row points: the folder of a user
// who was renamed, leftovers of Word and Windows, copies made by hand.
func (b *fileBuilder) strays() error {
	var rels []string
	for i := range 12 {
		rels = append(rels, fmt.Sprintf("GAMMEL/%d.%d/Brev %d.doc", 2007+i/4, 1+i%2, i))
	}
	for i, u := range b.world.active[:min(6, len(b.world.active))] {
		rels = append(rels, fmt.Sprintf("%s/2019.%d/~$Tilbud %d.docx", u.name, 1+i%2, i))
		if i%2 == 0 {
			rels = append(rels, fmt.Sprintf("%s/2021.1/Thumbs.db", u.name), fmt.Sprintf("%s/2021.1/Kopi av Kontrakt (%d).pdf", u.name, i))
		}
	}
	for i, rel := range rels {
		size := 150 + i*17
		root := archiveFolder
		if i%6 == 5 {
			root = oldFolder
		}
		if _, err := b.write(root, rel, "stray", int64(i), size, firstDay.AddDate(5, 0, 0)); err != nil {
			return err
		}
		b.expect.Strays.Files++
		b.expect.Strays.Bytes += int64(size)
	}
	return nil
}

// serviceRoot is the folder of Customer Service relative to the installation.
const serviceRoot = systemFolder + "/SuperOffice/Customer Service"

// service writes the files of Customer Service but config, which needs ports.
func (b *fileBuilder) service() error {
	b.expect.Service[""] = Files{Files: 1} // config; its size changes with the ports
	rels := []string{"templates/customer/login.html", "templates/customer/no/sak.html", "templates/velkommen æøå.htm", "log/cron.log", "log/mail 2026.log"}
	for i := range 8 {
		rels = append(rels, fmt.Sprintf("text/Inbox/%d.eml", 1000+i), fmt.Sprintf("text/emailBackup/2026/%02d/backup %d.eml", 1+i%3, i))
	}
	rels = append(rels, "text/trashbin/søppel.eml")
	for i, rel := range rels {
		size := 900 + i*131
		if _, err := b.write(serviceRoot, rel, "service", int64(i), size, lastDay); err != nil {
			return err
		}
		top, _, _ := strings.Cut(rel, "/")
		f := b.expect.Service[top]
		f.add(size)
		b.expect.Service[top] = f
	}
	return nil
}

// attachments lie in folders of ten thousand ids, named by their id alone.
func (b *fileBuilder) attachments() error {
	for i := range b.o.attachmentCount() {
		a := b.o.attachment(i)
		b.expect.AttachmentRows++
		if a.missing {
			b.expect.AttachmentsMissing++
			continue
		}
		rel := fmt.Sprintf("attachments/folder%d/%d", a.id/10_000, a.id)
		if _, err := b.write(serviceRoot, rel, "attached", a.id, a.size, lastDay); err != nil {
			return err
		}
		b.expect.Attachments.add(a.size)
	}
	return nil
}

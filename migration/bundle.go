package migration

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"omt/assets"
	"omt/migration/journal"
)

// Bundle is what is sent to support: log, journal without content, checks,
// versions and configuration. It is made in memory first, so that a person can
// see what is in it before it is written; the bounds of the log bound it.
type Bundle struct {
	Masked bool         `json:"masked"`
	Files  []BundleFile `json:"files"`
}

// BundleFile is one file of a bundle.
type BundleFile struct {
	Name  string  `json:"name"`
	About Message `json:"about"`
	Size  int64   `json:"size"` // bytes
	Head  string  `json:"head"` // how it begins, at most bundleHead bytes
	body  []byte
}

// bundleHead is how much of a file the preview shows.
const bundleHead = 2000

// BundleSource is what a bundle is made of. Every part may be missing: a bundle
// is wanted when something is broken, and then says what could not be read.
type BundleSource struct {
	Taken    time.Time
	Unmasked bool // names and addresses stay as they are
	Versions BundleVersions
	Ticket   *Ticket
	Host     string
	Journal  *journal.Journal
	// JournalErr says why there is no Journal: it is damaged, held by another
	// process, or there is none.
	JournalErr error
	Location   *Location
	ConfigErr  error
	Logs       []BundleLog // newest first
	LogErr     error
	Checks     *CheckRecord // of this start; nil takes those of the last run
	// Secrets are taken out even where names stay.
	Secrets []string
}

// BundleLog is one file of the log.
type BundleLog struct {
	Name string
	Body []byte
}

// BundleVersions are versions.json. SQL Server and SuperOffice are empty if no
// start has read them yet.
type BundleVersions struct {
	Taken       time.Time `json:"taken"`
	Tool        string    `json:"tool"`
	Go          string    `json:"go"`
	OS          string    `json:"os"`
	Arch        string    `json:"arch"`
	SQLServer   string    `json:"sqlServer"`
	SuperOffice string    `json:"superOffice"`
	Release     string    `json:"release"`
	// OldTLS is the version of TLS towards the database if it is before 1.2.
	OldTLS string `json:"oldTLS,omitempty"`
}

// bundler writes the parts of one bundle with one set of pseudonyms.
type bundler struct {
	BundleSource
	mask *Masker
	out  *Bundle
}

// NewBundle reads everything and leaves out what it must. Only the end of ctx
// is an error.
func NewBundle(ctx context.Context, src BundleSource) (*Bundle, error) {
	b := &bundler{BundleSource: src, out: &Bundle{Masked: !src.Unmasked, Files: []BundleFile{}}}
	b.mask = NewMasker(b.private(ctx)...)
	b.versions(ctx)
	b.add("versions.json", "bundle.about.versions", b.Versions)
	b.add("journal.json", "bundle.about.journal", b.journal(ctx))
	b.add("checks.json", "bundle.about.checks", b.checks(ctx))
	b.add("configuration.json", "bundle.about.configuration", b.configuration())
	b.logs()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("make support bundle: %w", err)
	}
	return b.out, nil
}

// private are names that are known here: they are masked even where they are
// common words.
func (b *bundler) private(ctx context.Context) []string {
	out := []string{b.Host}
	if t := b.Ticket; t != nil {
		out = append(out, t.Tenant, t.Company, t.Serial, t.MailDomain)
	}
	if b.Journal == nil || b.Ticket == nil {
		return out
	}
	// What cannot be read is said in journal.json; the words are masked without it.
	d, err := KeptDraft(ctx, b.Journal, b.Ticket)
	if err != nil || d == nil {
		return out
	}
	for _, u := range d.Users {
		out = append(out, u.Initials, u.FullName, u.Company, u.Group)
		out = append(append(out, u.Emails...), u.Phones...)
	}
	return out
}

func (b *bundler) text(s string) string {
	if b.Unmasked {
		return s
	}
	return b.mask.Text(s)
}

func (b *bundler) name(kind, s string) string {
	if b.Unmasked {
		return s
	}
	return b.mask.Name(kind, s)
}

// add encodes a part. A part that cannot be encoded is one with that error.
func (b *bundler) add(name, about string, v any) {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		body = []byte(b.text(err.Error()))
	}
	b.put(name, Msg(about), append(body, '\n'))
}

func (b *bundler) put(name string, about Message, body []byte) {
	for _, s := range b.Secrets {
		if s = strings.TrimSpace(s); s != "" {
			body = bytes.ReplaceAll(body, []byte(s), []byte("[secret]"))
		}
	}
	head := body
	if len(head) > bundleHead {
		head = head[:bundleHead]
	}
	b.out.Files = append(b.out.Files, BundleFile{
		Name: name, About: about, Size: int64(len(body)), Head: strings.ToValidUTF8(string(head), ""), body: body,
	})
}

// problem is how a part says that it could not be read.
type problem struct {
	Error string `json:"error"`
}

func (b *bundler) problem(err error) problem { return problem{b.text(err.Error())} }

// configuration is the location that was found. It has no password by its type.
func (b *bundler) configuration() any {
	if b.Location == nil {
		if b.ConfigErr == nil {
			return nil
		}
		return b.problem(b.ConfigErr)
	}
	l := *b.Location
	out := map[string]any{"passwordFound": l.HasPassword}
	if b.ConfigErr != nil {
		out["error"] = b.text(b.ConfigErr.Error())
	}
	if b.Unmasked {
		out["location"] = l
		return out
	}
	n := b.mask.Name
	l.Server, l.Database, l.User, l.NetServer = n("host", l.Server), n("database", l.Database), n("word", l.User), n("host", l.NetServer)
	if l.Schema != "CRM7" {
		l.Schema = n("word", l.Schema)
	}
	for i, p := range l.ArchivePaths {
		l.ArchivePaths[i] = n("path", p)
	}
	for _, p := range []*string{&l.TemplatePath, &l.ServiceBase, &l.AttachmentPath, &l.ServiceTexts, &l.ServiceTmpl} {
		*p = n("path", *p)
	}
	out["location"] = l
	return out
}

// logs masks each file line by line.
func (b *bundler) logs() {
	if b.LogErr != nil {
		b.add("log/error.json", "bundle.about.log", b.problem(b.LogErr))
	}
	for _, l := range b.Logs {
		body := l.Body
		if !b.Unmasked {
			var out bytes.Buffer
			for line := range bytes.Lines(body) {
				out.Write(b.mask.LogLine(bytes.TrimRight(line, "\r\n")))
				out.WriteByte('\n')
			}
			body = out.Bytes()
		}
		b.put("log/"+l.Name, Msg("bundle.about.log"), body)
	}
}

// Write writes the bundle as a ZIP, with a first file that says in words what is
// inside.
func (b *Bundle) Write(w io.Writer, language string) error {
	z := zip.NewWriter(w)
	texts := assets.For(language)
	about := texts.Text("bundle.masked", nil)
	if !b.Masked {
		about = texts.Text("bundle.unmasked", nil)
	}
	var list strings.Builder
	fmt.Fprintf(&list, "%s\n\n", about)
	for _, f := range b.Files {
		fmt.Fprintf(&list, "%s  %s\n", f.Name, texts.Text(f.About.ID, f.About.Args))
	}
	for _, f := range append([]BundleFile{{Name: "README.txt", body: []byte(list.String())}}, b.Files...) {
		part, err := z.Create(f.Name)
		if err == nil {
			_, err = part.Write(f.body)
		}
		if err != nil {
			return fmt.Errorf("write %s of bundle: %w", f.Name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return nil
}

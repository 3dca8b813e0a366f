package migration

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// PackageOpener reads a package back. upload/bacpac/decode implements it, and
// shares nothing with what writes packages.
type PackageOpener interface {
	OpenPackage(r io.ReaderAt, size int64) (PackageContent, error)
}

// PackageContent is an open package.
type PackageContent interface {
	// Members lists the data members in the order of the package.
	Members() []PackageMember
	// Check reads every member that holds no rows against its checksum.
	Check(ctx context.Context) error
	// Rows decodes one data member to its last byte by the model inside the
	// package; row's slice is valid until it returns. It returns the number of
	// rows. A cell above limit bytes is an error, and one above LargeCell is
	// delivered as *LargeSum.
	Rows(ctx context.Context, member string, limit int, row func([]any) error) (int64, error)
}

// PackageMember is a data member as the package itself describes it.
type PackageMember struct {
	Name, Schema, Table string
	Size                int64 // bytes of rows
	CRC32               uint32
	Columns             []DigestColumn
}

// maxVerifyCell is the most that a cell can have; those above LargeCell are not
// held.
const maxVerifyCell = 1<<31 - 1

// ErrDiffers: what lies at the target is not what was sent.
var ErrDiffers = errors.New("target differs from what was sent")

// Verifier compares a target with its manifest. It needs no database and no
// journal, writes nothing, and is used once.
type Verifier struct {
	Ticket  *Ticket
	Target  Target
	Package PackageOpener
	Full    bool // read every object, also where its MD5 is known
	// Progress is called after every object and part; nil for nobody.
	Progress func(VerifyResult)

	reading  *Migration // reads manifests; has a target and nothing else
	listed   map[[16]byte]listedObject
	unlisted bool // the target may not be listed
	result   VerifyResult
	pack     *ManifestLine
	parts    []ManifestLine
	tallies  Tallies
}

type listedObject struct {
	size   int64
	md5    [16]byte
	hasMD5 bool
	named  bool // by the manifest
}

// VerifyResult is what was verified and what was found.
type VerifyResult struct {
	Run       string    `json:"run"`
	Manifest  string    `json:"manifest"`  // SHA-256 of the index
	ByMD5     int64     `json:"byMd5"`     // objects whose MD5 the target told
	ByReading int64     `json:"byReading"` // objects read to their end, with SHA-256
	Tables    int64     `json:"tables"`    // with rows, decoded from the package
	Rows      int64     `json:"rows"`
	Undigest  int64     `json:"undigested"` // parts that were sent without a digest: only counted
	Total     int64     `json:"total"`      // of Findings, which has at most 1000
	Findings  []Finding `json:"findings"`
	// Unnamed counts objects that the manifest does not name, in the folders of what
	// is sent: no receiver uses them. UnnamedPaths are 1000 of them at most.
	Unnamed      int64    `json:"unnamed"`
	UnnamedPaths []string `json:"unnamedPaths,omitempty"`
}

// Finding is one difference: the table or object, and what differs.
type Finding struct {
	Table  string  `json:"table,omitempty"` // [schema].[table]
	Object string  `json:"object"`          // path at the target
	What   Message `json:"what"`
}

func (v *Verifier) find(table, object string, what Message) {
	if v.result.Total++; len(v.result.Findings) < maxListed {
		v.result.Findings = append(v.result.Findings, Finding{Table: table, Object: object, What: what})
	}
}

func (v *Verifier) tell() {
	if v.Progress != nil {
		v.Progress(v.result)
	}
}

// Run verifies everything. Differences are in the result and the error is nil;
// an error means that verification could not be finished.
func (v *Verifier) Run(ctx context.Context) (*VerifyResult, error) {
	v.reading = &Migration{Target: v.Target}
	v.result.Findings, v.tallies = []Finding{}, Tallies{}
	rep, err := v.report(ctx)
	if err != nil {
		return nil, err
	}
	if rep == nil {
		return &v.result, nil
	}
	if err := v.list(ctx); err != nil {
		return nil, err
	}
	err = v.reading.readManifest(ctx, rep.Run, rep.Manifest.SHA256, func(l ManifestLine) error { return v.line(ctx, l) })
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, errVerify):
		return nil, err
	case errors.Is(err, ErrManifest):
		// Nothing can be compared with a list that is not the one of the run.
		v.find("", itemOf(err, rep.Manifest.Path), Msg("verify.manifest", "Reason", err.Error()))
		return &v.result, nil
	case err != nil:
		return nil, err
	}
	v.totals(rep)
	if err := v.unnamed(ctx); err != nil {
		return nil, err
	}
	if v.pack == nil {
		v.find("", rep.Manifest.Path, Msg("verify.nopackage"))
		return &v.result, nil
	}
	return &v.result, v.database(ctx)
}

// errVerify marks an error of verification itself, not of the manifest.
var errVerify = errors.New("verification stopped")

func itemOf(err error, otherwise string) string {
	var e *Error
	if errors.As(err, &e) && e.Item != "" {
		return e.Item
	}
	return otherwise
}

// report reads session and report; nil if they already show a difference.
func (v *Verifier) report(ctx context.Context) (*Report, error) {
	s, err := sessionAt(ctx, v.Target)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, Fail("verify", v.Target.Describe(), ErrNotFound, Msg("hint.verify.nothing", "Target", v.Target.Describe()))
	}
	if err := checkSession(s, v.Ticket); err != nil {
		return nil, err
	}
	if !s.arrived() {
		return nil, Fail("verify", v.Target.Describe(), ErrNotFound, Msg("hint.verify.state", "State", string(s.State)))
	}
	b, err := v.reading.small(ctx, reportPath, maxPlanFile)
	if errors.Is(err, ErrManifest) {
		v.find("", reportPath, Msg("verify.report", "Reason", err.Error()))
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var r Report
	err = json.Unmarshal(b, &r)
	if err == nil && (r.Format != ReportFormat || r.Run != s.Run || !validRun(r.Run) || r.Manifest.SHA256 == "") {
		err = errors.New("is no report of the run that session.json names")
	}
	if err != nil {
		v.find("", reportPath, Msg("verify.report", "Reason", err.Error()))
		return nil, nil
	}
	v.result.Run, v.result.Manifest = r.Run, r.Manifest.SHA256
	return &r, nil
}

// list notes size and MD5 of every object: about 100 bytes each in memory.
func (v *Verifier) list(ctx context.Context) error {
	v.listed = map[[16]byte]listedObject{}
	err := v.Target.List(ctx, "", func(o Object) error {
		e := listedObject{size: o.Size, hasMD5: len(o.MD5) == 16}
		copy(e.md5[:], o.MD5)
		v.listed[pathKey(o.Path)] = e
		return nil
	})
	if errors.Is(err, ErrForbidden) {
		v.unlisted = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("list target: %w", err)
	}
	return nil
}

func pathKey(path string) [16]byte {
	s := sha256.Sum256([]byte(path))
	return [16]byte(s[:16])
}

// line verifies the object of one line; parts are kept for the package.
func (v *Verifier) line(ctx context.Context, l ManifestLine) error {
	v.tallies.add(l.Kind, l.State, l.Size)
	for range max(0, len(l.Rows)-1) {
		v.tallies.add(l.Kind, l.State, 0)
	}
	if l.State != Uploaded && l.State != Unchanged {
		return nil
	}
	switch {
	case l.Kind == "part":
		v.parts = append(v.parts, l)
		return nil
	case l.Kind == "package" && v.packLine(l):
		v.pack = &l
	}
	if err := v.object(ctx, l); err != nil {
		return errors.Join(errVerify, err)
	}
	v.tell()
	return nil
}

// packLine tells the package from the scripts beside it, which have its kind.
func (v *Verifier) packLine(l ManifestLine) bool { return l.RowCount != nil }

func (v *Verifier) object(ctx context.Context, l ManifestLine) error {
	there, found := v.listed[pathKey(l.Target)]
	if found {
		there.named = true
		v.listed[pathKey(l.Target)] = there
	}
	switch {
	case !v.unlisted && !found:
		v.find("", l.Target, Msg("verify.gone"))
		return nil
	case found && there.size != l.Size:
		v.find("", l.Target, Msg("verify.size", "Want", l.Size, "Got", there.size))
		return nil
	case found && there.hasMD5 && l.MD5 != "" && hex.EncodeToString(there.md5[:]) != l.MD5:
		v.find("", l.Target, Msg("verify.bytes"))
		return nil
	case found && there.hasMD5 && l.MD5 != "" && !v.Full:
		v.result.ByMD5++
		return nil
	case l.SHA256 == "":
		return nil // a package that was never read back: its rows are compared
	}
	sum, err := v.reading.sumThere(ctx, l.Target)
	if errors.Is(err, ErrNotFound) {
		v.find("", l.Target, Msg("verify.gone"))
		return nil
	}
	if err != nil {
		return err
	}
	v.result.ByReading++
	if sum.Size != l.Size {
		v.find("", l.Target, Msg("verify.size", "Want", l.Size, "Got", sum.Size))
	} else if hex.EncodeToString(sum.SHA256[:]) != l.SHA256 {
		v.find("", l.Target, Msg("verify.bytes"))
	}
	return nil
}

// totals holds the counts of the report against the lines.
func (v *Verifier) totals(r *Report) {
	for _, pair := range [][2]Tallies{{r.Kinds, v.tallies}, {v.tallies, r.Kinds}} {
		for kind, states := range pair[0] {
			for state, t := range states {
				if pair[1][kind][state] != t {
					v.find("", reportPath, Msg("verify.counts", "Kind", kind, "State", string(state)))
					return
				}
			}
		}
	}
}

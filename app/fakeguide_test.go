package app

import (
	"bytes"
	"context"
	"runtime"
	"slices"
	"sync"
	"testing"

	"omt/migration"
)

// fakeGuide answers as a guide would, from what the test put into it. Each
// method may be replaced by a function; fail and block name a method, such as
// "Login". A call on the goroutine that made the fake, which stands for fyne's,
// fails the test: pages may not wait there.
type fakeGuide struct {
	network []migration.CheckResult // what TestNetwork finds
	proxyFn func(ProxyAccount) []migration.CheckResult
	t       testing.TB
	ui      uint64

	openFn       func(ctx context.Context, ticket string) (Start, error)
	detectFn     func(ctx context.Context, folder string) (migration.Location, error)
	importFn     func(ctx context.Context, file string) (migration.Location, error)
	exportFn     func(ctx context.Context, file string, l migration.Location) error
	connectFn    func(ctx context.Context, l migration.Location, a Access) (migration.Identity, error)
	loginFn      func(ctx context.Context, s SignIn) (Person, error)
	thawFn       func(ctx context.Context) ([]migration.Message, error)
	openTargetFn func(ctx context.Context, folder string) (Target, error)
	draftFn      func(ctx context.Context, mode migration.Mode) (*migration.Draft, []migration.Message, error)
	keepFn       func(ctx context.Context, d *migration.Draft) error
	rereadFn     func(ctx context.Context, d *migration.Draft) ([]migration.Message, error)
	checkFn      func(ctx context.Context, found func(migration.CheckResult), only ...migration.CheckID) (*migration.CheckReport, error)
	exportChkFn  func(ctx context.Context, file string, r *migration.CheckReport) error
	previewFn    func(ctx context.Context) (*migration.RecoveryPreview, error)
	runFn        func(ctx context.Context, u Upload) (*migration.Result, error)
	progressFn   func() *migration.Progress
	closeFn      func() error

	fail  map[string]error         // what a method returns, by its name
	block map[string]chan struct{} // a method waits until it is closed, or its context ends
	paths Paths
	kept  Kept

	portraits map[int64]int64  // of associates
	pictures  map[int64][]byte // as the database has them

	mu    sync.Mutex
	calls []fakeCall
}

// fakeCall is one call of the guide with its arguments but the context.
type fakeCall struct {
	name string
	args []any
}

func newFakeGuide(t testing.TB) *fakeGuide {
	return &fakeGuide{t: t, ui: goroutine(), fail: map[string]error{}, block: map[string]chan struct{}{}}
}

// goroutine is the number of the running goroutine, from its own stack: the
// language offers no other way, and only tests need it.
func goroutine() (id uint64) {
	buf := make([]byte, 64)
	for _, c := range bytes.TrimPrefix(buf[:runtime.Stack(buf, false)], []byte("goroutine ")) {
		if c < '0' || c > '9' {
			break
		}
		id = id*10 + uint64(c-'0')
	}
	return id
}

func (g *fakeGuide) call(ctx context.Context, name string, args ...any) error {
	if goroutine() == g.ui {
		g.t.Errorf("%s was called on the goroutine of the window", name)
	}
	g.mu.Lock()
	g.calls = append(g.calls, fakeCall{name, args})
	wait, err := g.block[name], g.fail[name]
	g.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return migration.Fail("wait", name, ctx.Err(), migration.Message{})
		}
	}
	return err
}

// called lists the arguments of each call of a method.
func (g *fakeGuide) called(name string) [][]any {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out [][]any
	for _, c := range g.calls {
		if c.name == name {
			out = append(out, c.args)
		}
	}
	return out
}

func (g *fakeGuide) Open(ctx context.Context, ticket string) (Start, error) {
	if err := g.call(ctx, "Open", ticket); err != nil {
		return Start{}, err
	}
	if g.openFn != nil {
		return g.openFn(ctx, ticket)
	}
	return sampleStart(), nil
}

func (g *fakeGuide) BundlePreview(ctx context.Context, masked bool) (*migration.Bundle, error) {
	if err := g.call(ctx, "BundlePreview", masked); err != nil {
		return nil, err
	}
	return &migration.Bundle{Masked: masked, Files: []migration.BundleFile{
		{Name: "versions.json", About: migration.Msg("bundle.about.versions"), Size: 240, Head: "{\n  \"tool\": \"omt 0.1.0\"\n}\n"},
		{Name: "log/omt.log", About: migration.Msg("bundle.about.log"), Size: 81234, Head: "{\"error\":\"open path-1: permission denied\"}\n"},
	}}, nil
}

func (g *fakeGuide) Bundle(ctx context.Context, file string, masked bool) error {
	return g.call(ctx, "Bundle", file, masked)
}

func (g *fakeGuide) Detect(ctx context.Context, folder string) (migration.Location, error) {
	if err := g.call(ctx, "Detect", folder); err != nil {
		return migration.Location{}, err
	}
	if g.detectFn != nil {
		return g.detectFn(ctx, folder)
	}
	return sampleLocation(), nil
}

func (g *fakeGuide) Import(ctx context.Context, file string) (migration.Location, error) {
	if err := g.call(ctx, "Import", file); err != nil {
		return migration.Location{}, err
	}
	if g.importFn != nil {
		return g.importFn(ctx, file)
	}
	return sampleLocation(), nil
}

func (g *fakeGuide) Export(ctx context.Context, file string, l migration.Location) error {
	if err := g.call(ctx, "Export", file, l); err != nil {
		return err
	}
	if g.exportFn != nil {
		return g.exportFn(ctx, file, l)
	}
	return nil
}

func (g *fakeGuide) Connect(ctx context.Context, l migration.Location, a Access) (migration.Identity, error) {
	if err := g.call(ctx, "Connect", l, a); err != nil {
		return migration.Identity{}, err
	}
	if g.connectFn != nil {
		return g.connectFn(ctx, l, a)
	}
	return sampleIdentity(), nil
}

func (g *fakeGuide) Login(ctx context.Context, s SignIn) (Person, error) {
	if err := g.call(ctx, "Login", s); err != nil {
		return Person{}, err
	}
	if g.loginFn != nil {
		return g.loginFn(ctx, s)
	}
	return samplePerson(), nil
}

func (g *fakeGuide) Kept(ctx context.Context, l migration.Location) Kept {
	if err := g.call(ctx, "Kept", l); err != nil {
		return Kept{Closed: migration.HintOf(err)}
	}
	return g.kept
}

func (g *fakeGuide) Forget(ctx context.Context, l migration.Location) error {
	if err := g.call(ctx, "Forget", l); err != nil {
		return err
	}
	g.kept = Kept{}
	return nil
}

func (g *fakeGuide) Thaw(ctx context.Context) ([]migration.Message, error) {
	if err := g.call(ctx, "Thaw"); err != nil {
		return nil, err
	}
	if g.thawFn != nil {
		return g.thawFn(ctx)
	}
	return nil, nil
}

func (g *fakeGuide) OpenTarget(ctx context.Context, folder string) (Target, error) {
	if err := g.call(ctx, "OpenTarget", folder); err != nil {
		return Target{}, err
	}
	if g.openTargetFn != nil {
		return g.openTargetFn(ctx, folder)
	}
	return sampleTarget(), nil
}

func (g *fakeGuide) Draft(ctx context.Context, mode migration.Mode) (*migration.Draft, []migration.Message, error) {
	if err := g.call(ctx, "Draft", mode); err != nil {
		return nil, nil, err
	}
	if g.draftFn != nil {
		return g.draftFn(ctx, mode)
	}
	d, notes := migration.NewDraft(sampleTicket(), sampleUsers(), sampleMailboxes(), samplePerson().Principal, mode)
	return d, notes, nil
}

func (g *fakeGuide) Keep(ctx context.Context, d *migration.Draft) error {
	if err := g.call(ctx, "Keep", d); err != nil {
		return err
	}
	if g.keepFn != nil {
		return g.keepFn(ctx, d)
	}
	return nil
}

func (g *fakeGuide) Reread(ctx context.Context, d *migration.Draft) ([]migration.Message, error) {
	if err := g.call(ctx, "Reread", d); err != nil {
		return nil, err
	}
	if g.rereadFn != nil {
		return g.rereadFn(ctx, d)
	}
	return nil, nil
}

func (g *fakeGuide) Check(ctx context.Context, found func(migration.CheckResult), only ...migration.CheckID) (*migration.CheckReport, error) {
	if err := g.call(ctx, "Check", only); err != nil {
		return nil, err
	}
	if g.checkFn != nil {
		return g.checkFn(ctx, found, only...)
	}
	r := sampleChecks()
	if len(only) > 0 {
		r.Checks = slices.DeleteFunc(r.Checks, func(c migration.CheckResult) bool { return !slices.Contains(only, c.ID) })
	}
	for _, c := range r.Checks {
		found(c)
	}
	return r, nil
}

func (g *fakeGuide) ExportChecks(ctx context.Context, file string, r *migration.CheckReport) error {
	if err := g.call(ctx, "ExportChecks", file, r); err != nil {
		return err
	}
	if g.exportChkFn != nil {
		return g.exportChkFn(ctx, file, r)
	}
	return nil
}

func (g *fakeGuide) Preview(ctx context.Context) (*migration.RecoveryPreview, error) {
	if err := g.call(ctx, "Preview"); err != nil {
		return nil, err
	}
	if g.previewFn != nil {
		return g.previewFn(ctx)
	}
	return samplePreview(), nil
}

// Run without runFn ends at once; with block["Run"] when the test says so.
func (g *fakeGuide) Run(ctx context.Context, u Upload) (*migration.Result, error) {
	if err := g.call(ctx, "Run", u); err != nil {
		return nil, err
	}
	if g.runFn != nil {
		return g.runFn(ctx, u)
	}
	return sampleResult(), nil
}

func (g *fakeGuide) Progress() *migration.Progress {
	if g.progressFn != nil {
		return g.progressFn()
	}
	return nil
}

func (g *fakeGuide) Paths() Paths { return g.paths }

func (g *fakeGuide) Close() error {
	if err := g.call(context.Background(), "Close"); err != nil {
		return err
	}
	if g.closeFn != nil {
		return g.closeFn()
	}
	return nil
}

func (g *fakeGuide) TestNetwork(ctx context.Context, l migration.Location) (*migration.CheckReport, error) {
	if err := g.call(ctx, "TestNetwork", l); err != nil {
		return nil, err
	}
	return &migration.CheckReport{Checks: g.network}, nil
}

func (g *fakeGuide) ProxyLogin(ctx context.Context, l migration.Location, a ProxyAccount) (*migration.CheckReport, error) {
	if err := g.call(ctx, "ProxyLogin", l, a); err != nil {
		return nil, err
	}
	if g.proxyFn != nil {
		g.network = g.proxyFn(a)
	}
	return &migration.CheckReport{Checks: g.network}, nil
}

func (g *fakeGuide) DropTicket(ctx context.Context, path string) error {
	return g.call(ctx, "DropTicket", path)
}

func (g *fakeGuide) Portraits(ctx context.Context) (map[int64]int64, error) {
	return g.portraits, g.call(ctx, "Portraits")
}

func (g *fakeGuide) Portrait(ctx context.Context, picture int64) ([]byte, error) {
	return g.pictures[picture], g.call(ctx, "Portrait", picture)
}

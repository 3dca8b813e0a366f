package onsite_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"omt/migration"
	"omt/onsite"
	"omt/onsite/sample"
)

// serve runs the sample installation on loopback and finds its settings as the
// program does.
func serve(t *testing.T, o sample.ServeOptions) (*sample.Installation, *sample.Running, onsite.Settings) {
	t.Helper()
	in, err := bench()
	if err != nil {
		t.Fatal(err)
	}
	r, err := in.Serve(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := onsite.Discover(t.Context(), r.ConfigDir)
	if err != nil {
		t.Fatal(err)
	}
	return in, r, s
}

func TestServedInstallation(t *testing.T) {
	in, r, s := serve(t, sample.ServeOptions{})
	if s.Database != in.Database || s.Schema != in.Schema || s.User != in.DBLogin || s.Password != in.DBPassword ||
		!slices.Equal(s.ArchivePaths, []string{in.ArchivePath, in.ArchivePath2}) || s.TemplatePath != in.TemplatePath ||
		s.Service.BasePath != in.ServiceDir || len(s.Missing()) != 0 {
		t.Errorf("discovered %+v", s)
	}
	if !strings.HasPrefix(s.NetServer.SOAP, r.NetServerURL+"/NetServer/Services8") || s.NetServer.REST != r.NetServerURL+"/SuperOffice" {
		t.Errorf("NetServer %+v", s.NetServer)
	}
	var cert *onsite.CertificateError
	if _, err := onsite.Connect(t.Context(), s, onsite.ConnectOptions{}); !errors.As(err, &cert) || cert.Fingerprint != r.Fingerprint {
		t.Fatalf("without a fingerprint: %v", err)
	}
	src, err := onsite.Connect(t.Context(), s, onsite.ConnectOptions{Fingerprint: r.Fingerprint})
	if err != nil {
		t.Fatal(err)
	}
	if id, err := src.Identity(t.Context()); err != nil || id.Serial != in.Serial {
		t.Errorf("identity %+v %v", id, err)
	}
	if err := src.CheckPaths(t.Context()); err != nil {
		t.Error(err)
	}
	if err := src.Close(); err != nil {
		t.Error(err)
	}
	s.ArchivePaths = append(s.ArchivePaths, filepath.Join(in.Dir, "no such folder"))
	if src, err = onsite.Connect(t.Context(), s, onsite.ConnectOptions{Fingerprint: r.Fingerprint}); err != nil {
		t.Fatal(err)
	}
	if err := src.CheckPaths(t.Context()); err == nil || !strings.Contains(err.Error(), "no such folder") {
		t.Errorf("archive path that does not exist: %v", err)
	}
	if err := src.Close(); err != nil {
		t.Error(err)
	}
}

func TestServedLogin(t *testing.T) {
	for via, o := range map[string]sample.ServeOptions{"rest": {}, "soap": {NoREST: true}} {
		t.Run(via, func(t *testing.T) {
			in, r, s := serve(t, o)
			n := onsite.NewNetServer(s.NetServer, onsite.LoginOptions{})
			for _, l := range in.Logins {
				p, err := n.Login(t.Context(), l.User, l.Password)
				if l.Administrator && (err != nil || p.Via != via || p.FullName != l.FullName || !p.Proved || p.AssociateID == 0) {
					t.Errorf("administrator %s: %+v %v", l.User, p, err)
				}
				if !l.Administrator && !errors.Is(err, migration.ErrNotAdministrator) {
					t.Errorf("%s is no administrator: %v", l.User, err)
				}
				if _, err := n.Login(t.Context(), l.User, l.Password+"x"); !errors.Is(err, migration.ErrBadCredentials) {
					t.Errorf("wrong password: %v", err)
				}
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := n.Login(t.Context(), in.AdminName, in.AdminPassword); !errors.Is(err, migration.ErrNoNetServer) {
				t.Errorf("nobody answers: %v", err)
			}
		})
	}
}

# Flags stay as they are: each other set of flags is a new build cache, and a
# cold build of the window takes minutes.
GO      ?= go
HEADLESS = CGO_ENABLED=0
CI       = -tags ci
WINDOW   = -tags x11
FLOWS    = github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
LINT     = honnef.co/go/tools/cmd/staticcheck@v0.8.2

# What the window needs beyond Go on Debian 12 and Ubuntu.
PACKAGES = gcc libc6-dev pkg-config libgl-dev libgl1-mesa-dri libx11-dev libxcursor-dev \
	libxrandr-dev libxinerama-dev libxi-dev libxxf86vm-dev
APT      = apt-get -o DPkg::Lock::Timeout=300

# The version stands in FyneApp.toml alone.
VERSION  = $(shell sed -n 's/^Version = "\(.*\)"/\1/p' FyneApp.toml)
WIN      = GOOS=windows GOARCH=amd64
SBOM     = github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.9.0
STAMP    = -X omt/cmd/internal/wiring.Version=$(VERSION)

.PHONY: demo screens accept test build lint fuzz soak bench packages bin/omt bin/omtctl windows windows-exe windows-sign windows-packages
.DEFAULT_GOAL := build

# The sample installation, migrated before your eyes.
demo:
	@if [ -n "$$DISPLAY" ]; then \
		$(MAKE) --no-print-directory packages && \
		echo "Building the window; the first time this takes some minutes." && \
		$(MAKE) --no-print-directory bin/omt && ./bin/omt --demo; \
	else \
		echo "There is no display here, so the same migration runs without a window: omtctl demo"; \
		$(HEADLESS) $(GO) run ./cmd/omtctl demo; \
	fi

# Installs the packages of the window that are missing; does nothing if none is.
windows-packages: PACKAGES = gcc-mingw-w64-x86-64
packages windows-packages:
	@command -v dpkg-query >/dev/null 2>&1 || { \
		echo "This is not Debian or Ubuntu: install by hand what stands for these packages: $(PACKAGES)"; exit 0; }; \
	missing=""; for p in $(PACKAGES); do \
		dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	[ -z "$$missing" ] && exit 0; \
	echo "These packages are missing and will be installed:$$missing"; \
	as=""; if [ "$$(id -u)" != 0 ]; then as=sudo; command -v sudo >/dev/null 2>&1 || { \
		echo "Only root can install them, and sudo is not there. As root: apt-get install$$missing"; exit 1; }; fi; \
	$$as $(APT) update -q && $$as env DEBIAN_FRONTEND=noninteractive $(APT) install -y -q --no-install-recommends $$missing

# Needs nothing but Go: no package, no display.
test:
	$(HEADLESS) $(GO) vet $(CI) ./...
	$(HEADLESS) $(GO) test $(CI) -timeout 30m ./...

# Every page in every language and appearance, drawn without a display, with a
# contact sheet: bin/screens/index.html. LANGUAGES=en,de draws only those.
screens:
	OMT_SCREENS="$(CURDIR)/bin/screens" OMT_SCREENS_LANGUAGES="$(LANGUAGES)" $(HEADLESS) $(GO) test $(CI) -count=1 -timeout 1h -run '^TestScreens$$' ./app
	@echo "Look at $(CURDIR)/bin/screens/index.html"

# Takes the pages as they are drawn now for those that TestLooks compares with,
# after they were looked at: pictures and markup in app/testdata/looks.
accept:
	OMT_ACCEPT=1 $(HEADLESS) $(GO) test $(CI) -count=1 -timeout 30m -run '^TestLooks$$' ./app
	@git status --short app/testdata/looks | head -n 40

build: bin/omt bin/omtctl

bin/omt:
	$(GO) build $(WINDOW) -o $@ ./cmd/omt

bin/omtctl:
	$(HEADLESS) $(GO) build -o $@ ./cmd/omtctl

# For the customer's server: both programs, and an archive with them, README,
# the licences of all that is in them, a bill of materials and checksums. The
# same source, Go and compiler give the same executables.
windows: windows-packages windows-exe
	GOBIN="$(CURDIR)/bin/tools" $(HEADLESS) $(GO) install $(SBOM)
	bin/tools/cyclonedx-gomod bin -json -licenses -noserial -version v$(VERSION) -output bin/windows/omt.cdx.json bin/windows/omt.exe
	$(GO) run ./cmd/internal/pack -o bin/omt-$(VERSION)-windows.zip bin/windows/omt.exe bin/windows/omtctl.exe README.md LICENSE bin/windows/omt.cdx.json

windows-exe:
	@mkdir -p bin/windows
	@rm -f bin/windows/omt.exe bin/windows/omtctl.exe # signed ones would pass for new ones
	$(GO) run ./cmd/internal/winres -program omt -version $(VERSION) -o cmd/omt/rsrc_windows_amd64.syso
	$(GO) run ./cmd/internal/winres -program omtctl -version $(VERSION) -o cmd/omtctl/rsrc_windows_amd64.syso
	$(WIN) CGO_ENABLED=1 CC=x86_64-w64-mingw32-gcc $(GO) build -buildvcs=false -trimpath -tags accessibility -ldflags='-s -w -H=windowsgui $(STAMP)' -o bin/windows/omt.exe ./cmd/omt
	$(WIN) $(HEADLESS) $(GO) build -buildvcs=false -trimpath -ldflags='-s -w $(STAMP)' -o bin/windows/omtctl.exe ./cmd/omtctl

# CERT is a PEM file with the certificates, KEY its key (both may be one file);
# TIMESTAMP is the address of a time-stamping service, without it the signature
# ends with the certificate.
windows-sign: PACKAGES = osslsigncode
windows-sign: packages
	@[ -n "$(CERT)" ] || { echo "Name the certificate: make windows-sign CERT=cert.pem [KEY=key.pem] [TIMESTAMP=address]"; exit 1; }
	@for exe in omt omtctl; do \
		rm -f bin/windows/$$exe.signed; \
		osslsigncode sign -certs "$(CERT)" -key "$(or $(KEY),$(CERT))" -h sha256 -n omt $(if $(TIMESTAMP),-ts "$(TIMESTAMP)") \
			-in bin/windows/$$exe.exe -out bin/windows/$$exe.signed && mv bin/windows/$$exe.signed bin/windows/$$exe.exe || exit 1; \
	done
	$(GO) run ./cmd/internal/pack -o bin/omt-$(VERSION)-windows.zip bin/windows/omt.exe bin/windows/omtctl.exe README.md LICENSE bin/windows/omt.cdx.json

lint:
	@bad="$$("$$($(GO) env GOROOT)/bin/gofmt" -l app assets cmd migration onsite upload)" || { \
		echo "gofmt of this Go could not be run or could not read a file."; exit 1; }; \
		[ -z "$$bad" ] || { echo "gofmt would change:"; echo "$$bad"; exit 1; }
	$(HEADLESS) $(GO) vet $(CI) ./...
	$(HEADLESS) $(GO) run $(FLOWS) .github/workflows/*.yml
	$(HEADLESS) $(GO) run $(LINT) $(CI) -checks 'all,-ST1000,-ST1003,-ST1005,-ST1016,-ST1020,-ST1021,-ST1022' ./...

# Invented input for what reads bytes of others or plans by their numbers: FUZZ
# chooses targets by their names, FUZZTIME is for each of them. Each name of the
# usual choice must be there: one that was renamed would be left out unseen. Go
# before 1.27 may end the time of a target with "context deadline exceeded"
# although nothing was found (go.dev/issue/75804): only that, with no input
# written, is let pass.
FUZZ     ?= INI|Service|ConfigXML|Ticket|ReadNames|ReadTake|Rows|Model|PlanRow
FUZZTIME ?= 20s
fuzz:
	@log="$$(mktemp)"; trap 'rm -f "$$log"' EXIT; seen=; \
	for pkg in $$($(HEADLESS) $(GO) list $(CI) ./...); do \
		dir="$$($(HEADLESS) $(GO) list $(CI) -f '{{.Dir}}' $$pkg)"; \
		for target in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' "$$dir"/*_test.go 2>/dev/null | cut -c6- | grep -E '^Fuzz($(FUZZ))$$'); do \
			echo "$$pkg $$target"; seen="$$seen$$target\n"; \
			$(HEADLESS) $(GO) test $(CI) -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 2s $$pkg >"$$log" 2>&1; code=$$?; \
			cat "$$log"; \
			[ $$code = 0 ] && continue; \
			grep -q '^    context deadline exceeded$$' "$$log" && ! grep -qE 'Failing input|panic:|_test\.go:|terminated unexpectedly' "$$log" || exit 1; \
			echo "$$target found nothing; its time ended while an input was being tried"; \
		done; \
	done; \
	for want in $(if $(filter file,$(origin FUZZ)),$(subst |, ,$(FUZZ))); do \
		printf "$$seen" | grep -qx "Fuzz$$want" || { echo "no target has the name Fuzz$$want"; exit 1; }; \
	done

# Longer runs of what depends on chance: kills, faults, fuzzed input. Hours are
# well spent here before a release; SOAK sets how long each fuzz target runs.
SOAK ?= 10m
soak:
	$(HEADLESS) OMT_SOAK=1 $(GO) test $(CI) -count=1 -timeout 4h ./...
	@$(MAKE) --no-print-directory fuzz FUZZ='.*' FUZZTIME=$(SOAK)

# The engine with its journal against rclone, a million documents killed on the
# way, and a line of a given latency and rate: half an hour of a computer that
# does nothing else. Ends with the rows for the table in README.md.
RCLONE = github.com/rclone/rclone@v1.76.0
bench:
	GOBIN="$(CURDIR)/bin/tools" $(HEADLESS) $(GO) install $(RCLONE)
	@rm -f bin/bench.md
	OMT_BENCH=1 OMT_BENCH_TABLE="$(CURDIR)/bin/bench.md" OMT_RCLONE="$(CURDIR)/bin/tools/rclone" $(HEADLESS) \
		$(GO) test $(CI) -count=1 -timeout 2h -run '^TestLoad' -v ./migration/; code=$$?; \
	echo; cat bin/bench.md 2>/dev/null; exit $$code

package sample

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ports are where the stand-ins listen; 0 before anything serves.
type ports struct {
	SQL       int `json:"sql"`
	NetServer int `json:"netServer"`
}

// Folders of the programs below the system drive.
const (
	clientFolder = "Program Files (x86)/SuperOffice/SuperOffice Windows"
	serverFolder = "Program Files/SuperOffice/SuperOffice Server"
)

// writeConfig writes the configuration files as an installer leaves them on
// Windows: data source and archive in SuperOffice.ini, an encrypted password in
// SuperOffice.config, the same password in clear in Customer Service's config,
// and odbc.ini in place of the registry.
func (in *Installation) writeConfig(p ports) error {
	files := map[string]string{
		clientFolder + "/SuperOffice.ini":    in.ini("US"),
		serverFolder + "/SuperOffice.ini":    in.ini("NO"),
		clientFolder + "/SuperOffice.config": in.xmlConfig(p, false),
		serverFolder + "/SuperOffice.config": in.xmlConfig(p, true),
		"odbc.ini":                           in.odbc(p),
	}
	for rel, text := range files {
		if err := writeText(filepath.Join(in.ConfigDir, filepath.FromSlash(rel)), text); err != nil {
			return fmt.Errorf("write configuration: %w", err)
		}
	}
	if in.options.Defects.has(DefectNoService) {
		return nil
	}
	return in.writeServiceConfig(p)
}

// writeText replaces a file in one step: a reader never finds half of it.
func writeText(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp := path + ".new"
	if err := os.WriteFile(tmp, []byte(strings.ReplaceAll(text, "\n", "\r\n")), 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

func (in *Installation) ini(language string) string {
	return fmt.Sprintf(`[SuperOffice]
ArchivePath=%s
ArchivePath2=%s
TemplatePath=%s
Datapath=ODBC:%s
CRMCaption=Fjordlys
SOCachePath=
[Error]
EnableDebug=0
Truncate=1
LogPath=%s
[Client]
PrefLang=%s
PrefMailClient=Outlook2016
PrefWordProcessor=Word2016
`, in.ArchivePath, in.secondArchive(), in.TemplatePath, DatabaseName, filepath.Join(in.ArchivePath, "Data", "SOError.log"), language)
}

// secondArchive is what the configuration says of it.
func (in *Installation) secondArchive() string {
	if in.options.Defects.has(DefectFolder) {
		return in.ArchivePath2 + "_moved"
	}
	return in.ArchivePath2
}

// odbc stands for the 32-bit data source in the registry.
func (in *Installation) odbc(p ports) string {
	return fmt.Sprintf(`[ODBC Data Sources]
%[1]s=SQL Server Native Client 11.0

[%[1]s]
Driver=SQL Server Native Client 11.0
Server=127.0.0.1,%[2]d
Database=%[1]s
Trusted_Connection=No
`, DatabaseName, p.SQL)
}

// xmlConfig is SuperOffice.config. Its password was encrypted by the installer
// in a way that is not public: here random blocks of that size.
func (in *Installation) xmlConfig(p ports, server bool) string {
	blocks := make([]byte, 32)
	fill(newRand(in.options.Seed, "encrypted password", 0), blocks)
	archive := ""
	if server {
		archive = fmt.Sprintf("\n   <add key=\"ArchivePath\" value=\"%s\"/>\n   <add key=\"ArchivePath2\" value=\"%s\"/>\n   <add key=\"TemplatePath\" value=\"%s\"/>",
			attribute(in.ArchivePath), attribute(in.secondArchive()), attribute(in.TemplatePath))
	}
	return fmt.Sprintf(`<?xml version="1.0" encoding="utf-8"?>
<configuration>
 <configSections><sectionGroup name="SuperOffice"/></configSections>
 <SuperOffice>
  <Data>
   <Session><add key="Mode" value="Process"/></Session>
   <Database>
    <add key="DatabaseMajor" value="MSSQL"/>
    <add key="DatabaseMinor" value="14"/>
    <add key="Server" value="127.0.0.1,%d"/>
    <add key="Database" value="%s"/>
    <add key="CommandTimeOut" value="300"/>
    <add key="TablePrefix" value="%s"/>
    <add key="ConnectionString" value="Server=[@Server];Database=[@Database];User ID=[@User];Password=[@Password]"/>
   </Database>
   <Explicit>
    <add key="ExternalPersonAllowed" value="False"/>
    <add key="EmployeeAllowed" value="True"/>
    <add key="SystemAllowed" value="True"/>
    <add key="DBUser" value="%s"/>
    <add key="DBPassword" value="%s"/>
    <add key="CommonDBConnection" value="True"/>
   </Explicit>
  </Data>
  <Documents>
   <!-- Location of SO_ARC; the Windows client overrides this -->%s
   <add key="BufferSize" value="1024"/>
   <add key="ImpersonateUser" value="False"/>
  </Documents>
 </SuperOffice>
</configuration>
`, p.SQL, DatabaseName, SchemaName, dbLogin, base64Text(blocks), archive)
}

func attribute(s string) string {
	var b strings.Builder
	// A strings.Builder never fails.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

// writeServiceConfig writes config of Customer Service. A line that says frozen
// stays: the installation was frozen by a migration, and a restart of the
// stand-ins must not thaw it.
func (in *Installation) writeServiceConfig(p ports) error {
	path := filepath.Join(in.ServiceDir, "config")
	frozen := ""
	old, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("read configuration: %w", err)
	}
	for _, line := range strings.Split(string(old), "\n") {
		if strings.TrimSpace(line) == "frozen" {
			frozen = "frozen\n"
		}
	}
	text := fmt.Sprintf(`dbHost = 127.0.0.1
dbUsername = %s
dbPassword = %s
dbDatabase = %s
dbType = mssql
nsUser = ejSysUser
nsPass = %s
nsAnonUser = ejSysUser
nsAnonPass = %s
nsEndPoint = %s
defaultContact = 2
#frozen
%s`, dbLogin, dbPassword, DatabaseName, servicePassword, servicePassword, netServerURL(p.NetServer)+"/NetServer/Services88", frozen)
	if string(old) == strings.ReplaceAll(text, "\n", "\r\n") {
		return nil // the date of a freeze stays too
	}
	if err := writeText(path, text); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	// The same date every time: only its content says whether it changed.
	return os.Chtimes(path, time.Time{}, lastDay)
}

// servicePassword belongs to ejSysUser, which may not sign in here.
const servicePassword = "Service-Only-0815"

func netServerURL(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) }

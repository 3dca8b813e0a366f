package onsite

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"omt/migration"
)

// keyAliases holds the names that SQL Server's client tools (cliconfg.exe,
// Configuration Manager) let stand for a server: library, then what it reaches.
const keyAliases = `SOFTWARE\Microsoft\MSSQLServer\Client\ConnectTo`

// aliasProtocols are the libraries of aliases that are still in use.
var aliasProtocols = map[string]string{"dbmssocn": protocolTCP, "dbnmpntw": protocolPipe, "dbmslpcn": protocolMemory}

// Resolve replaces the name of a server by what it is an alias for, if it is
// one: of 32-bit programs first, because SuperOffice's client is one. r nil
// means this computer. A DSN with a protocol names no alias.
func (s Settings) Resolve(r Registry) (Settings, error) {
	if r == nil {
		c := ThisComputer()
		if c == nil {
			return s, nil
		}
		r = c
	}
	if s.Protocol != "" {
		return s, nil
	}
	name := s.serverName()
	for _, v := range []View{Machine32, Machine64} {
		values, err := r.Values(v, keyAliases)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return s, cannotRead(v.key(keyAliases), err)
		}
		if text := strings.TrimSpace(values[strings.ToLower(name)]); text != "" {
			return s.alias(name, text, v.key(keyAliases))
		}
	}
	return s, nil
}

// alias reads what an alias stands for, e.g. DBMSSOCN,crm01,1444.
func (s Settings) alias(name, text, key string) (Settings, error) {
	library, server, _ := strings.Cut(text, ",")
	protocol, known := aliasProtocols[strings.ToLower(strings.TrimSpace(library))]
	to := s
	err := fmt.Errorf("%w: library %s of the alias is not supported", ErrConfiguration, library)
	if known {
		// TCP of another port than the default comes as host,port.
		err = to.SetServer(protocol + ":" + strings.TrimSpace(server))
	}
	if err != nil {
		return s, migration.Fail("read alias", key, err, migration.Msg("hint.sql.alias", "Server", name, "Target", text, "Key", key))
	}
	return to, nil
}

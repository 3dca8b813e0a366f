package tds

import (
	"encoding/binary"
	"strconv"
)

// Token ids, [MS-TDS] 2.2.7.
const (
	tokenReturnStatus = 0x79
	tokenColMetadata  = 0x81
	tokenError        = 0xaa
	tokenInfo         = 0xab
	tokenLoginAck     = 0xad
	tokenRow          = 0xd1
	tokenNBCRow       = 0xd2
	tokenEnvChange    = 0xe3
	tokenDone         = 0xfd
	tokenDoneProc     = 0xfe
	tokenDoneInProc   = 0xff
)

// Bits of a DONE token, [MS-TDS] 2.2.7.6.
const (
	doneMore   = 0x01
	doneError  = 0x02
	doneInTran = 0x04
	doneCount  = 0x10
	doneAttn   = 0x20
)

// Kinds of ENVCHANGE, [MS-TDS] 2.2.7.9.
const (
	envDatabase   = 1
	envLanguage   = 2
	envPacketSize = 4
	envCollation  = 7
	envBegin      = 8
	envCommit     = 9
	envRollback   = 10
	envReset      = 18
)

// commandSelect is the current command in a DONE token of a SELECT.
const commandSelect = 0xc1

// The current commands of statements that write.
const (
	CommandInsert = 0xc3
	CommandDelete = 0xc4
	CommandUpdate = 0xc5
)

func appendDone(b []byte, token byte, status, command uint16, rows uint64) []byte {
	b = append(b, token)
	b = binary.LittleEndian.AppendUint16(b, status)
	b = binary.LittleEndian.AppendUint16(b, command)
	return binary.LittleEndian.AppendUint64(b, rows)
}

// appendError appends an error and what follows it.
func appendError(b []byte, server string, e *Error) []byte {
	b = appendMessage(b, tokenError, server, e)
	for _, m := range e.More {
		b = appendError(b, server, m)
	}
	return b
}

// appendMessage appends an ERROR or INFO token, [MS-TDS] 2.2.7.10.
func appendMessage(b []byte, token byte, server string, e *Error) []byte {
	body := binary.LittleEndian.AppendUint32(nil, uint32(e.Number))
	body = append(body, e.State, e.Class)
	body = appendUSVar(body, e.Message)
	body = appendBVar(body, server)
	body = appendBVar(body, "")
	body = binary.LittleEndian.AppendUint32(body, uint32(max(1, e.Line)))
	b = binary.LittleEndian.AppendUint16(append(b, token), uint16(len(body)))
	return append(b, body...)
}

// appendEnv appends an ENVCHANGE whose values are text.
func appendEnv(b []byte, kind byte, now, before string) []byte {
	body := appendBVar(appendBVar([]byte{kind}, now), before)
	b = binary.LittleEndian.AppendUint16(append(b, tokenEnvChange), uint16(len(body)))
	return append(b, body...)
}

// appendEnvBytes appends an ENVCHANGE whose values are bytes.
func appendEnvBytes(b []byte, kind byte, now, before []byte) []byte {
	body := append([]byte{kind, byte(len(now))}, now...)
	body = append(append(body, byte(len(before))), before...)
	b = binary.LittleEndian.AppendUint16(append(b, tokenEnvChange), uint16(len(body)))
	return append(b, body...)
}

// changedDatabase tells the client of a new database, as USE does.
func changedDatabase(b []byte, server, now, before string) []byte {
	b = appendEnv(b, envDatabase, now, before)
	return appendMessage(b, tokenInfo, server, &Error{
		Number: 5701, Class: 0, State: 1, Message: "Changed database context to '" + now + "'.",
	})
}

// loginTokens is the answer to a login that was accepted, [MS-TDS] 2.2.7.14.
func loginTokens(info Info, database string, packetSize int) []byte {
	b := changedDatabase(nil, info.Name, database, "master")
	b = appendEnvBytes(b, envCollation, appendCollation(nil, info.Collation), nil)
	b = appendEnv(b, envLanguage, "us_english", "")
	b = appendMessage(b, tokenInfo, info.Name, &Error{
		Number: 5703, Class: 0, State: 1, Message: "Changed language setting to us_english.",
	})
	v := version(info.Version)
	body := append([]byte{1}, 0x74, 0, 0, 4)
	body = appendBVar(body, "Microsoft SQL Server")
	body = append(body, v[:4]...)
	b = binary.LittleEndian.AppendUint16(append(b, tokenLoginAck), uint16(len(body)))
	b = append(b, body...)
	b = appendEnv(b, envPacketSize, strconv.Itoa(packetSize), strconv.Itoa(defaultPacketSize))
	return appendDone(b, tokenDone, 0, 0, 0)
}

package tds

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// Options of PRELOGIN, [MS-TDS] 2.2.6.5.
const (
	preVersion    = 0
	preEncryption = 1
	preMARS       = 4
	preTerminator = 0xff
)

// Values of the encryption option.
const (
	encryptOff          = 0 // the login packet only
	encryptOn           = 1
	encryptNotSupported = 2
	encryptRequired     = 3
)

// parsePrelogin finds what the client wants of encryption.
func parsePrelogin(data []byte) (encryption byte, err error) {
	encryption = encryptNotSupported
	for at := 0; ; at += 5 {
		if at >= len(data) {
			return 0, malformed("prelogin without end")
		}
		if data[at] == preTerminator {
			return encryption, nil
		}
		if at+5 > len(data) {
			return 0, malformed("prelogin option cut off")
		}
		offset := int(binary.BigEndian.Uint16(data[at+1:]))
		length := int(binary.BigEndian.Uint16(data[at+3:]))
		if offset+length > len(data) {
			return 0, malformed("prelogin option outside its message")
		}
		if data[at] == preEncryption {
			if length != 1 {
				return 0, malformed("prelogin encryption of %d bytes", length)
			}
			encryption = data[offset]
		}
	}
}

// preloginReply answers with version, encryption and no MARS.
func preloginReply(info Info, encryption byte) []byte {
	v := version(info.Version)
	values := []struct {
		option byte
		data   []byte
	}{{preVersion, v[:]}, {preEncryption, []byte{encryption}}, {preMARS, []byte{0}}}
	var head, body []byte
	offset := 5*len(values) + 1
	for _, o := range values {
		head = append(head, o.option)
		head = binary.BigEndian.AppendUint16(head, uint16(offset))
		head = binary.BigEndian.AppendUint16(head, uint16(len(o.data)))
		offset += len(o.data)
		body = append(body, o.data...)
	}
	return append(append(head, preTerminator), body...)
}

// version packs major, minor, build and sub-build as the protocol shows them.
func version(text string) [6]byte {
	var n [4]uint16
	for i, part := range strings.SplitN(text, ".", 4) {
		v, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			break
		}
		n[i] = uint16(v)
	}
	return [6]byte{byte(n[0]), byte(n[1]), byte(n[2] >> 8), byte(n[2]), byte(n[3] >> 8), byte(n[3])}
}

// Places in the fixed part of LOGIN7, [MS-TDS] 2.2.6.4.
const (
	loginFixed       = 94
	loginVersionAt   = 4
	loginPacketAt    = 8
	loginOption2At   = 25
	loginTypeAt      = 26
	loginHostAt      = 36
	loginUserAt      = 40
	loginPasswordAt  = 44
	loginAppAt       = 48
	loginDatabaseAt  = 68
	optionIntegrated = 0x80
	typeReadOnly     = 0x20
	// lowestVersion is TDS 7.2: all headers and long lengths since then.
	lowestVersion = 0x72090002
)

// loginRequest is a LOGIN7 message.
type loginRequest struct {
	Login
	version    uint32
	packetSize int
	integrated bool
}

func parseLogin(data []byte) (loginRequest, error) {
	var l loginRequest
	if len(data) < loginFixed {
		return l, malformed("login of %d bytes", len(data))
	}
	if n := binary.LittleEndian.Uint32(data); n != uint32(len(data)) {
		return l, malformed("login of %d bytes says %d", len(data), n)
	}
	l.version = binary.LittleEndian.Uint32(data[loginVersionAt:])
	if l.version < lowestVersion || l.version>>24 > 0x74 {
		return l, malformed("tds version %08x", l.version)
	}
	size := binary.LittleEndian.Uint32(data[loginPacketAt:])
	if size == 0 {
		size = defaultPacketSize
	}
	l.packetSize = int(min(max(size, minPacketSize), maxPacketSize))
	l.integrated = data[loginOption2At]&optionIntegrated != 0
	l.ReadOnly = data[loginTypeAt]&typeReadOnly != 0
	for _, f := range []struct {
		at  int
		dst *string
	}{{loginHostAt, &l.Host}, {loginUserAt, &l.User}, {loginPasswordAt, &l.Password}, {loginAppAt, &l.App}, {loginDatabaseAt, &l.Database}} {
		offset := int(binary.LittleEndian.Uint16(data[f.at:]))
		length := 2 * int(binary.LittleEndian.Uint16(data[f.at+2:]))
		if offset+length > len(data) {
			return l, malformed("login field outside its message")
		}
		raw := data[offset : offset+length]
		if f.at == loginPasswordAt {
			raw = reveal(raw)
		}
		*f.dst = decodeUTF16(raw)
	}
	return l, nil
}

// reveal undoes what clients do to a password: nibbles swapped, then XOR 0xA5.
func reveal(raw []byte) []byte {
	out := make([]byte, len(raw))
	for i, c := range raw {
		c ^= 0xa5
		out[i] = c<<4 | c>>4
	}
	return out
}

package proof

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"math/bits"
)

// azureMarks are the marks of four characters that Microsoft puts before the
// checksum of a key, with what it is a key of and the seeds of the checksum.
// A seed is a name of eight characters, read as one big-endian number.
var azureMarks = []struct {
	mark, of string
	seeds    []string
}{
	{"+ASt", "Azure storage account", []string{"Default0"}},
	{"+ABa", "Azure Batch account", []string{"AbAcct00"}},
	{"ACDb", "Azure Cosmos DB account", []string{"SysAll00", "Resour00", "MastRO00", "SystRO00", "Encryp00", "MastRW00", "SystRW00"}},
	{"+ASb", "Azure Service Bus namespace", azureMessaging},
	{"+AEh", "Azure Event Hubs namespace", azureMessaging},
	{"+ARm", "Azure Relay namespace", azureMessaging},
	{"AIoT", "Azure IoT", []string{"IoTHub00", "DpsKey00", "Device00"}},
	{"AzFu", "Azure Functions app", []string{"Functi00", "Master00", "System00"}},
	{"AzCa", "Azure Cache for Redis", []string{"Access00"}},
	{"AzSe", "Azure AI Search service", []string{"PAdmin00", "Query000"}},
	{"+ACR", "Azure container registry", []string{"ACRDflt0"}},
}

var azureMessaging = []string{"System00", "Unknown0", "Send0000", "Manage00", "Listen00"}

// azureKey only speaks for a key by its checksum, as there may be seeds that
// are not published; a key of 64 bytes is judged by its structure besides.
func azureKey(token []byte) Result {
	if of := azureChecksum(token); of != "" {
		return verified("the checksum is that of a key of an " + of)
	}
	return azureStorage(token)
}

// azureChecksum says what a key is of whose mark and checksum fit, or "".
func azureChecksum(token []byte) string {
	raw, ok := decode64(token)
	text := bytes.TrimRight(token, "=")
	if !ok || len(text) < 24 || len(raw) < 16 {
		return ""
	}
	if len(text) >= 84 && string(text[52:56]) == "JQQJ" {
		return azureAnnotated(text, raw)
	}
	mark := string(text[len(text)-10 : len(text)-6])
	n := len(raw) - 4
	want := binary.LittleEndian.Uint32(raw[n:])
	for _, kind := range azureMarks {
		if kind.mark != mark {
			continue
		}
		for _, seed := range kind.seeds {
			if marvin(raw[:n], seed) == want {
				return kind.of
			}
		}
	}
	return ""
}

// azureAnnotated checks a common annotated key: 60 bytes, and the first
// digits of their sum, in base 62 or, in the first keys, in base 64. In both
// the lowest byte of the sum is written first.
func azureAnnotated(text, raw []byte) string {
	var sum [4]byte
	binary.LittleEndian.PutUint32(sum[:], marvin(raw[:60], "Default0"))
	digits := text[80:84]
	var old [8]byte
	base64.StdEncoding.Encode(old[:], sum[:])
	if !bytes.Equal(digits, old[:4]) && !bytes.Equal(digits, azureBase62(sum)) {
		return ""
	}
	return "Azure service (" + public(string(text[76:80])) + ")"
}

// azureBase62 writes the sum's bytes as one number, without zeros before it
// and with zeros after it, and takes four digits of that.
func azureBase62(sum [4]byte) []byte {
	v := binary.BigEndian.Uint32(sum[:])
	var b []byte
	for ; v > 0; v /= 62 {
		b = append([]byte{digits62[v%62]}, b...)
	}
	return append(b, "000000"...)[:4]
}

// entraSecret only speaks for a client secret: those with another mark than
// 8Q~ have no checksum. It is three digits of six, highest first.
func entraSecret(token []byte) Result {
	n := len(token) - 3
	if n < 20 || string(token[3:6]) != "8Q~" {
		return Result{}
	}
	const digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~"
	sum := marvin(token[:n], "AadPwd00")
	for range 3 {
		sum /= uint32(len(digits))
	}
	for i := 2; i >= 0; i-- {
		if token[n+i] != digits[sum%uint32(len(digits))] {
			return Result{}
		}
		sum /= uint32(len(digits))
	}
	return verified("")
}

// marvin is Marvin32, the hash that .NET uses for texts, folded to 32 bits.
func marvin(data []byte, seed string) uint32 {
	s := binary.BigEndian.Uint64([]byte(seed))
	a, b := uint32(s), uint32(s>>32)
	for ; len(data) >= 4; data = data[4:] {
		a, b = marvinBlock(a+binary.LittleEndian.Uint32(data), b)
	}
	last := [4]byte{}
	copy(last[:], data)
	last[len(data)] = 0x80
	a, b = marvinBlock(a+binary.LittleEndian.Uint32(last[:]), b)
	a, b = marvinBlock(a, b)
	return a ^ b
}

func marvinBlock(a, b uint32) (uint32, uint32) {
	b ^= a
	a = bits.RotateLeft32(a, 20) + b
	b = bits.RotateLeft32(b, 9) ^ a
	a = bits.RotateLeft32(a, 27) + b
	b = bits.RotateLeft32(b, 19)
	return a, b
}

package uploadtest

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

func decodeID(s string) string {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return ""
	}
	return string(b)
}

// contentMD5 is the MD5 that the object is to carry, or nil.
func contentMD5(r *http.Request) []byte {
	for _, name := range []string{"x-ms-blob-content-md5", "Content-MD5"} {
		if b, err := base64.StdEncoding.DecodeString(r.Header.Get(name)); err == nil && len(b) > 0 {
			return b
		}
	}
	return nil
}

// put makes or replaces an object and drops what was staged for it.
func (s *BlobServer) put(c *blobContainer, o *blobObject, req *BlobRequest, r *http.Request, body []byte) answer {
	if r.Header.Get("x-ms-blob-type") != "BlockBlob" {
		return refuse(http.StatusBadRequest, "MissingRequiredHeader")
	}
	if o == nil {
		o = &blobObject{}
		c.objects[req.Path] = o
	}
	o.committed, o.data, o.size, o.md5, o.blocks, o.staged = true, body, req.Received, contentMD5(r), nil, nil
	return ok(http.StatusCreated, s.touch(o))
}

// block keeps one block until it is committed. All ids of an object have one
// length.
func (s *BlobServer) block(c *blobContainer, o *blobObject, req *BlobRequest, body []byte) answer {
	if req.Block == "" || len(req.Block) > 64 {
		return refuse(http.StatusBadRequest, "InvalidQueryParameterValue")
	}
	if o == nil {
		o = &blobObject{}
		c.objects[req.Path] = o
	}
	b := blobBlock{id: req.Block, data: body, size: req.Received}
	for i := range o.staged {
		if len(o.staged[i].id) != len(b.id) {
			return refuse(http.StatusBadRequest, "InvalidBlobOrBlock")
		}
		if o.staged[i].id == b.id {
			o.staged[i] = b
			return ok(http.StatusCreated, nil)
		}
	}
	o.staged = append(o.staged, b)
	return ok(http.StatusCreated, nil)
}

// commit makes an object of a list of blocks, staged or of the object that it
// replaces.
func (s *BlobServer) commit(o *blobObject, r *http.Request, body []byte) answer {
	var in struct {
		Latest []string `xml:"Latest"`
	}
	if xml.Unmarshal(body, &in) != nil {
		return refuse(http.StatusBadRequest, "InvalidXmlDocument")
	}
	if o == nil {
		return refuse(http.StatusBadRequest, "InvalidBlockList")
	}
	var used []blobBlock
	var data []byte
	size := int64(0)
	for _, id := range in.Latest {
		id = decodeID(strings.TrimSpace(id))
		named := func(b blobBlock) bool { return b.id == id }
		from := o.staged
		i := slices.IndexFunc(from, named)
		if i < 0 {
			from = o.blocks
			i = slices.IndexFunc(from, named)
		}
		if i < 0 {
			return refuse(http.StatusBadRequest, "InvalidBlockList")
		}
		used = append(used, from[i])
		data = append(data, from[i].data...)
		size += from[i].size
	}
	o.committed, o.data, o.size, o.blocks, o.staged = true, data, size, used, nil
	// Content-MD5 is that of the list here, not of the object.
	o.md5 = nil
	if b, err := base64.StdEncoding.DecodeString(r.Header.Get("x-ms-blob-content-md5")); err == nil && len(b) > 0 {
		o.md5 = b
	}
	return ok(http.StatusCreated, s.touch(o))
}

type blockXML struct {
	Name string
	Size int64
}

// blocks lists the blocks of an object.
func blocks(o *blobObject, kind string) answer {
	var out struct {
		XMLName     xml.Name   `xml:"BlockList"`
		Committed   []blockXML `xml:"CommittedBlocks>Block"`
		Uncommitted []blockXML `xml:"UncommittedBlocks>Block"`
	}
	encode := func(in []blobBlock) (out []blockXML) {
		for _, b := range in {
			out = append(out, blockXML{base64.StdEncoding.EncodeToString([]byte(b.id)), b.size})
		}
		return out
	}
	if kind != "uncommitted" {
		out.Committed = encode(o.blocks)
	}
	if kind == "uncommitted" || kind == "all" {
		out.Uncommitted = encode(o.staged)
	}
	return xmlAnswer(out)
}

func xmlAnswer(v any) answer {
	b, err := xml.Marshal(v)
	if err != nil {
		return refuse(http.StatusInternalServerError, "InternalError")
	}
	a := ok(http.StatusOK, map[string]string{"Content-Type": "application/xml"})
	a.body = append([]byte(xml.Header), b...)
	return a
}

func properties(o *blobObject) map[string]string {
	h := map[string]string{
		"ETag": o.etag, "Last-Modified": o.modified.Format(http.TimeFormat), "x-ms-blob-type": "BlockBlob",
		"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes",
	}
	if o.md5 != nil {
		h["Content-MD5"] = base64.StdEncoding.EncodeToString(o.md5)
	}
	return h
}

func head(o *blobObject) answer {
	a := ok(http.StatusOK, properties(o))
	a.length = o.size
	return a
}

// get reads an object or a range of it.
func get(o *blobObject, r *http.Request) answer {
	a := ok(http.StatusOK, properties(o))
	asked := r.Header.Get("x-ms-range")
	if asked == "" {
		asked = r.Header.Get("Range")
	}
	if asked == "" {
		a.body = o.data
		return a
	}
	first, last, _ := strings.Cut(strings.TrimPrefix(asked, "bytes="), "-")
	from, err := strconv.ParseInt(first, 10, 64)
	to, lerr := strconv.ParseInt(last, 10, 64)
	size := int64(len(o.data))
	if lerr != nil || to >= size {
		to = size - 1
	}
	if err != nil || from >= size || to < from {
		return refuse(http.StatusRequestedRangeNotSatisfiable, "InvalidRange")
	}
	a.status, a.body = http.StatusPartialContent, o.data[from:to+1]
	a.header["Content-Range"] = fmt.Sprintf("bytes %d-%d/%d", from, to, size)
	if sum, there := a.header["Content-MD5"]; there {
		delete(a.header, "Content-MD5") // it would be that of the range
		a.header["x-ms-blob-content-md5"] = sum
	}
	return a
}

type blobXML struct {
	Name       string
	Properties struct {
		Modified string `xml:"Last-Modified"`
		Etag     string
		Length   int64  `xml:"Content-Length"`
		MD5      string `xml:"Content-MD5,omitempty"`
		BlobType string
	}
}

// list lists a page of committed objects; the marker is the next name.
func list(c *blobContainer, container string, q url.Values) answer {
	var out struct {
		XMLName       xml.Name `xml:"EnumerationResults"`
		ContainerName string   `xml:",attr"`
		Prefix        string
		Blobs         []blobXML `xml:"Blobs>Blob"`
		NextMarker    string
	}
	out.ContainerName, out.Prefix = container, q.Get("prefix")
	most, err := strconv.Atoi(q.Get("maxresults"))
	if err != nil || most > 5000 {
		most = 5000
	}
	for _, path := range slices.Sorted(maps.Keys(c.objects)) {
		o := c.objects[path]
		if !o.committed || !strings.HasPrefix(path, out.Prefix) || path < q.Get("marker") {
			continue
		}
		if len(out.Blobs) == most {
			out.NextMarker = path
			break
		}
		b := blobXML{Name: path}
		b.Properties.Modified, b.Properties.Etag = o.modified.Format(http.TimeFormat), strings.Trim(o.etag, `"`)
		b.Properties.Length, b.Properties.BlobType = o.size, "BlockBlob"
		if o.md5 != nil {
			b.Properties.MD5 = base64.StdEncoding.EncodeToString(o.md5)
		}
		out.Blobs = append(out.Blobs, b)
	}
	return xmlAnswer(out)
}

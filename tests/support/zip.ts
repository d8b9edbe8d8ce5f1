// ZIP archives made by hand, so that a test can make them wrong.
import { crc32, deflateRawSync } from 'node:zlib';

export type Member = { name: string; plain: Buffer; packed?: Buffer; crc?: number; size?: number };

/** A member of `size` equal bytes between a head and a tail, packed without ever being whole in memory. */
export function bombMember(name: string, head: string, unit: string, megabytes: number, tail: string): Member {
	const block = Buffer.from(unit.repeat(Math.ceil((1 << 20) / unit.length)));
	const parts = [Buffer.from(head), ...Array(megabytes).fill(block), Buffer.from(tail)];
	let crc = 0;
	let size = 0;
	for (const part of parts) {
		crc = crc32(part, crc);
		size += part.length;
	}
	return { name, plain: Buffer.alloc(0), packed: deflateRawSync(Buffer.concat(parts), { level: 6 }), crc, size };
}

export function zip(members: Member[]): Buffer {
	const files: Buffer[] = [];
	const directory: Buffer[] = [];
	let offset = 0;
	for (const m of members) {
		const packed = m.packed ?? deflateRawSync(m.plain);
		const name = Buffer.from(m.name);
		const fixed = Buffer.alloc(26);
		fixed.writeUInt16LE(20, 0);
		fixed.writeUInt16LE(0x800, 2);
		fixed.writeUInt16LE(8, 4);
		fixed.writeUInt32LE(m.crc ?? crc32(m.plain), 10);
		fixed.writeUInt32LE(packed.length, 14);
		fixed.writeUInt32LE(m.size ?? m.plain.length, 18);
		fixed.writeUInt16LE(name.length, 22);
		const local = Buffer.concat([Buffer.from('PK\x03\x04'), fixed, name, packed]);
		const tail = Buffer.alloc(14);
		tail.writeUInt32LE(offset, 10);
		directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fixed, tail, name]));
		files.push(local);
		offset += local.length;
	}
	const list = Buffer.concat(directory);
	const end = Buffer.alloc(18);
	end.writeUInt16LE(members.length, 4);
	end.writeUInt16LE(members.length, 6);
	end.writeUInt32LE(list.length, 8);
	end.writeUInt32LE(offset, 12);
	return Buffer.concat([...files, list, Buffer.from('PK\x05\x06'), end]);
}

export const escapeXml = (s: string): string => s.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

/** A workbook of one sheet; `sheet` replaces its XML. */
export function workbook(rows: string[][], sheet?: Member): Buffer {
	const xml = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows
		.map((row) => `<row>${row.map((cell) => `<c t="inlineStr"><is><t>${escapeXml(cell)}</t></is></c>`).join('')}</row>`)
		.join('')}</sheetData></worksheet>`;
	const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
	const relations = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"';
	return zip([
		{ name: '[Content_Types].xml', plain: Buffer.from('<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>') },
		{ name: '_rels/.rels', plain: Buffer.from(`<Relationships ${relations}><Relationship Id="r" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`) },
		{ name: 'xl/workbook.xml', plain: Buffer.from(`<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${office}"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>`) },
		{ name: 'xl/_rels/workbook.xml.rels', plain: Buffer.from(`<Relationships ${relations}><Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`) },
		sheet ?? { name: 'xl/worksheets/sheet1.xml', plain: Buffer.from(xml) },
	]);
}

/** Plain bytes of a member; the archive is one of ours or the program's. */
export async function unzip(archive: Buffer, name: string): Promise<Buffer | null> {
	const { inflateRawSync } = await import('node:zlib');
	let at = archive.lastIndexOf(Buffer.from('PK\x05\x06'));
	const count = archive.readUInt16LE(at + 10);
	at = archive.readUInt32LE(at + 16);
	for (let i = 0; i < count; i++) {
		const length = archive.readUInt16LE(at + 28);
		if (archive.subarray(at + 46, at + 46 + length).toString() === name) {
			const local = archive.readUInt32LE(at + 42);
			const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
			const packed = archive.subarray(start, start + archive.readUInt32LE(at + 20));
			return archive.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed);
		}
		at += 46 + length + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
	}
	return null;
}

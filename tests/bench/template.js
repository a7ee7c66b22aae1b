// The other side of the template benchmark: npm's mustache.
//
//   template.js prepare DIR   writes DIR/data.json, the page and its partials
//                             to DIR/templates, and what it renders to
//                             DIR/theirs.html
//   template.js time DIR      prints microseconds a page
//
// npm's mustache knows no inheritance: the history page and its layout are
// put together as text here, and both sides render the same files.
'use strict';

const fs = require('fs');
const path = require('path');
const mustache = require('mustache');

const WARM = 0.5; // seconds
const RUN = 1.0;
const BATCH = 20;

// The same five characters as ours, so that both write the same bytes.
const entities = {
	'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;',
};
mustache.escape = (text) =>
	String(text).replace(/[&<>"']/g, (c) => entities[c]);

const block = /\{\{\$(\w+)\}\}\n?([\s\S]*?)\{\{\/\1\}\}/g;

function readTemplate(name) {
	return fs.readFileSync(`templates/${name}.mustache`, 'utf8');
}

// A block whose tags have lines of their own leaves no line behind.
function withoutInheritance(name) {
	const child = readTemplate(name);
	const [, parent, inner] = /\{\{<(\w+)\}\}([\s\S]*)\{\{\/\1\}\}/.exec(child);
	const given = {};

	for (const [, key, text] of inner.matchAll(block))
		given[key] = text;
	let page = readTemplate(parent)
		.replace(/^(\{\{\$(\w+)\}\})(\{\{\/\2\}\})\n/gm, '$1$3')
		.replace(/^(\{\{\$(\w+)\}\}\n[\s\S]*?\{\{\/\2\}\})\n/gm, '$1');
	// A block may hold others.
	for (let before = ''; before !== page;) {
		before = page;
		page = page.replace(block, (_, key, text) => given[key] ?? text);
	}
	return page;
}

function partialsOf(text, found = {}) {
	for (const [, name] of text.matchAll(/\{\{> *(\w+) *\}\}/g)) {
		if (found[name] === undefined) {
			found[name] = readTemplate(name);
			partialsOf(found[name], found);
		}
	}
	return found;
}

function makeRow(i) {
	const titles = ['Systems & Storage Summit', 'Kubernetes <for> Clinicians',
		'Konferenz für Übersetzer', '東京 Rust Meetup', 'مؤتمر المطورين',
		"People's \"Open\" Hardware Day", 'Databases in Practice'];
	const places = ['Lagos, Landmark Centre', null, 'Zürich, Gessnerallee 8',
		'São Paulo, Sala 12'];
	const answers = [['present', 'You were there'], ['late', 'You came late'],
		['absent', 'You were not there'], ['unknown', 'No answer yet']];
	const day = String(1 + (i % 28)).padStart(2, '0');

	return {
		event_id: String(1000 + i),
		title: `${titles[i % titles.length]} ${2026 - (i % 5)}`,
		starts_at: `2026-03-${day}T18:30:00+01:00`,
		starts_text: `Friday ${day} March 2026, 18:30`,
		location: places[i % places.length],
		is_virtual: i % 8 === 1,
		org_name: i % 2 ? 'Linköping Makers' : 'Institute of Sound & Vision',
		org_logo: i % 3 ? `logo/${1000 + i}.svg` : null,
		status: answers[i % 4][0],
		status_text: answers[i % 4][1],
		rating: i % 3 === 1 ? String(1 + (i % 5)) : null,
	};
}

function prepare(dir) {
	const data = {
		viewer: { name: 'Ngũgĩ <wa> Example', zone: 'Africa/Nairobi',
			org_name: 'Institute of Sound & Vision' },
		has_rows: true,
		history: Array.from({ length: 50 }, (_, i) => makeRow(i)),
		next: 'before=2026-03-01&id=17',
	};
	const page = withoutInheritance('history_list');
	const partials = partialsOf(page);

	fs.mkdirSync(path.join(dir, 'templates'));
	for (const [name, text] of Object.entries({ page, ...partials }))
		fs.writeFileSync(
			path.join(dir, 'templates', `${name}.mustache`), text);
	fs.writeFileSync(path.join(dir, 'data.json'), JSON.stringify(data));
	fs.writeFileSync(path.join(dir, 'theirs.html'),
		mustache.render(page, data, partials));
}

// Processor time, as on the other side: the machine may be busy otherwise.
function timed(work, least) {
	const start = process.cpuUsage();
	let pages = 0;
	let took;

	do {
		for (let i = 0; i < BATCH; i++)
			work();
		pages += BATCH;
		const used = process.cpuUsage(start);
		took = used.user + used.system;
	} while (took < least * 1e6);
	return took / pages;
}

// mustache keeps what it has parsed, so that only rendering is timed.
function time(dir) {
	const data = JSON.parse(fs.readFileSync(path.join(dir, 'data.json')));
	const all = {};

	for (const file of fs.readdirSync(path.join(dir, 'templates')))
		all[path.basename(file, '.mustache')] = fs.readFileSync(
			path.join(dir, 'templates', file), 'utf8');
	const work = () => mustache.render(all.page, data, all);
	timed(work, WARM);
	console.log(timed(work, RUN).toFixed(3));
}

const [, , verb, dir] = process.argv;
if (verb === 'prepare')
	prepare(dir);
else
	time(dir);

/* Elements from data: every text becomes a text node, so that nothing typed is read as HTML. */
const $ = id => document.getElementById(id);
const SVG = 'http://www.w3.org/2000/svg';
function fitted(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(3).filter(child => child !== null && child !== undefined && child !== false && child !== ''));
  return node;
}
const h = (tag, attributes, ...children) => fitted(document.createElement(tag), attributes, children);
const s = (tag, attributes, ...children) => fitted(document.createElementNS(SVG, tag), attributes, children);
const replace = (node, ...children) => node.replaceChildren(...children.flat(3).filter(child => child));
const here = text => h('span', { class: 'h' }, text), there = text => h('span', { class: 't' }, text);
const code = text => h('code', {}, text);
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
/* A sum of many coordinates has a long name; all of it stands with the weights. */
const brief = (name, most = 30) => nice(name.length > most ? `${name.slice(0, most - 2)}\u2026` : name);
const nice = name => name.replace(/\^2/g, '\u00b2');

// How far a run is, without loading its page again; without this the page loads itself. Once the run has ended the page
// is asked for, which knows where to go on.
const place = document.querySelector('[data-run]');
const says = place.querySelector('[data-says]');
const bytes = place.querySelector('[data-bytes]');
const bar = place.querySelector('progress');

async function look() {
  const answer = await fetch(place.dataset.run, { headers: { accept: 'application/json' } });
  const run = answer.ok ? await answer.json() : { state: 'gone' };
  if (run.state !== 'running') return location.reload();
  // What has not changed is not said again.
  if (says.textContent !== run.says) says.textContent = run.says;
  bytes.textContent = run.bytes;
  bar.max = run.total;
  bar.value = run.read;
}

// A service that restarts is away for a moment: the next look finds it again.
setInterval(() => look().catch(() => {}), 1000);

// Everything works without this: it folds the menu on a phone, moves the focus to an error summary, and hides what is asked
// about a box that is not ticked.
import {
  Button,
  Checkboxes,
  createAll,
  ErrorSummary,
  NotificationBanner,
  ServiceNavigation,
} from './govuk-frontend.js';

for (const component of [Button, Checkboxes, ErrorSummary, NotificationBanner, ServiceNavigation])
  createAll(component);
